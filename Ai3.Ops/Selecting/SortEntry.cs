using System.Numerics;
using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>
/// An element and its index in one unsigned integer: the order key above, the index turned round below. The greatest entry is the
/// element to come first, and of equal elements that with the least index, so that entries are never equal.
/// </summary>
internal interface ISortEntry<T, TEntry> where T : unmanaged where TEntry : unmanaged, IBinaryInteger<TEntry>
{
    /// <param name="value">The element.</param>
    /// <param name="index">Its index.</param>
    /// <param name="flip">All bits set if the least element comes first, else 0.</param>
    static abstract TEntry Make(T value, uint index, ulong flip);

    static abstract uint IndexOf(TEntry entry);
}

/// <summary>Entries of elements of up to four bytes.</summary>
internal readonly struct NarrowEntry<T> : ISortEntry<T, ulong> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Make(T value, uint index, ulong flip) => (ulong)(OrderKey.Of32(value) ^ (uint)flip) << 32 | ~index;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint IndexOf(ulong entry) => ~(uint)entry;
}

/// <summary>Entries of elements of eight bytes.</summary>
internal readonly struct WideEntry<T> : ISortEntry<T, UInt128> where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt128 Make(T value, uint index, ulong flip) => new(OrderKey.Of64(value) ^ flip, ~index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint IndexOf(UInt128 entry) => ~(uint)entry;
}
