using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Unsigned integers in the order of the elements of any number type: a &lt; b exactly if Of(a) &lt; Of(b). NaN is above every number and
/// equal to itself, as in NumPy; both zeros are the same.
/// </summary>
internal static class OrderKey
{
    /// <summary>The key of an element of up to four bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Of32<T>(T x) where T : unmanaged
    {
        if (typeof(T) == typeof(float)) return Float(Unsafe.BitCast<T, float>(x));
        if (typeof(T) == typeof(Half)) return Float((float)Unsafe.BitCast<T, Half>(x));
        if (typeof(T) == typeof(BFloat16)) return Float(Unsafe.BitCast<T, BFloat16>(x));
        if (typeof(T) == typeof(sbyte)) return (uint)Unsafe.BitCast<T, sbyte>(x) ^ 0x80000000;
        if (typeof(T) == typeof(short)) return (uint)Unsafe.BitCast<T, short>(x) ^ 0x80000000;
        if (typeof(T) == typeof(int)) return (uint)Unsafe.BitCast<T, int>(x) ^ 0x80000000;
        if (typeof(T) == typeof(byte)) return Unsafe.BitCast<T, byte>(x);
        if (typeof(T) == typeof(bool)) return Unsafe.BitCast<T, byte>(x) != 0 ? 1u : 0u;
        if (typeof(T) == typeof(ushort)) return Unsafe.BitCast<T, ushort>(x);
        return Unsafe.BitCast<T, uint>(x);
    }

    /// <summary>The key of any element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of64<T>(T x) where T : unmanaged
    {
        if (typeof(T) == typeof(double)) return Double(Unsafe.BitCast<T, double>(x));
        if (typeof(T) == typeof(long)) return (ulong)Unsafe.BitCast<T, long>(x) ^ 1UL << 63;
        if (typeof(T) == typeof(ulong)) return Unsafe.BitCast<T, ulong>(x);
        return Of32(x);
    }

    // Adding +0 makes +0 of -0. Negative numbers are turned round, the others lifted above them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Float(float x)
    {
        if (float.IsNaN(x))
            return uint.MaxValue;
        int bits = BitConverter.SingleToInt32Bits(x + 0f);
        return (uint)bits ^ ((uint)(bits >> 31) | 0x80000000);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Double(double x)
    {
        if (double.IsNaN(x))
            return ulong.MaxValue;
        long bits = BitConverter.DoubleToInt64Bits(x + 0d);
        return (ulong)bits ^ ((ulong)(bits >> 63) | 1UL << 63);
    }
}
