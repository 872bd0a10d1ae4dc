using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The elements of an index input at run time: i32 or i64, counted from the end if negative.</summary>
/// <param name="Address">Where they are.</param>
/// <param name="IsWide">True for i64.</param>
internal readonly unsafe record struct IndexReader(nint Address, bool IsWide)
{
    public static IndexReader Of(nint address, DType type) => new(address, type == DType.Int64);

    /// <summary>Index <paramref name="i"/> as it is stored.</summary>
    public long this[long i]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => IsWide ? ((long*)Address)[i] : ((int*)Address)[i];
    }

    /// <summary>Index <paramref name="i"/>, known to be in range, as one from the front.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long At(long i, long extent)
    {
        long index = this[i];
        return index < 0 ? index + extent : index;
    }

    /// <summary>Demands that every index is in [-extent, extent).</summary>
    /// <exception cref="OpException">One is not.</exception>
    public void RequireInRange(long count, long extent)
    {
        for (long i = 0; i < count; i++)
            if (IsOutside(this[i], extent))
                Throw(i, this[i], extent);
    }

    /// <summary>Demands that component c of every tuple of <paramref name="extents"/>.Length indices is in [-extents[c], extents[c]).</summary>
    /// <exception cref="OpException">One is not.</exception>
    public void RequireInRange(long tuples, ReadOnlySpan<long> extents)
    {
        for (long t = 0, i = 0; t < tuples; t++)
            for (int c = 0; c < extents.Length; c++, i++)
                if (IsOutside(this[i], extents[c]))
                    Throw(i, this[i], extents[c]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsOutside(long index, long extent) => unchecked((ulong)(index + extent) >= (ulong)extent * 2);

    [DoesNotReturn]
    private static void Throw(long position, long index, long extent) =>
        throw new OpException($"index {index} (element {position} of the indices) is outside [{-extent}, {extent - 1}]");
}
