using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Loops that convert elements between whole-byte types as ONNX Cast does: floats to integers are truncated (outside the
/// range: saturated, NaN gives 0), integers to narrower ones keep the low bits, to bool is x != 0, to floats rounds to even.
/// </summary>
internal static unsafe class Conversions
{
    /// <summary>The loop (source, destination, count) for two types, or null if one of them is not a plain number type.</summary>
    public static delegate*<void*, void*, nint, void> Of(DType from, DType to) => from switch
    {
        DType.Float32 => From<float>(to),
        DType.Float64 => From<double>(to),
        DType.Float16 => to == DType.Float32 ? &HalfToSingle : From<Half>(to),
        DType.BFloat16 => to == DType.Float32 ? &BFloat16ToSingle : From<BFloat16>(to),
        DType.Int8 => From<sbyte>(to),
        DType.Int16 => From<short>(to),
        DType.Int32 => to == DType.Float32 ? &Int32ToSingle : From<int>(to),
        DType.Int64 => From<long>(to),
        DType.UInt8 => to == DType.Float32 ? &ByteToSingle : From<byte>(to),
        DType.UInt16 => From<ushort>(to),
        DType.UInt32 => From<uint>(to),
        DType.UInt64 => From<ulong>(to),
        DType.Bool => to == DType.Float32 ? &BoolToSingle : From<bool>(to),
        _ => null,
    };

    private static delegate*<void*, void*, nint, void> From<TFrom>(DType to) where TFrom : unmanaged => to switch
    {
        DType.Float32 => &Loop<TFrom, float>,
        DType.Float64 => &Loop<TFrom, double>,
        DType.Float16 => typeof(TFrom) == typeof(float) ? &SingleToHalf : &Loop<TFrom, Half>,
        DType.BFloat16 => typeof(TFrom) == typeof(float) ? &SingleToBFloat16 : &Loop<TFrom, BFloat16>,
        DType.Int8 => &Loop<TFrom, sbyte>,
        DType.Int16 => &Loop<TFrom, short>,
        DType.Int32 => &Loop<TFrom, int>,
        DType.Int64 => &Loop<TFrom, long>,
        DType.UInt8 => &Loop<TFrom, byte>,
        DType.UInt16 => &Loop<TFrom, ushort>,
        DType.UInt32 => &Loop<TFrom, uint>,
        DType.UInt64 => &Loop<TFrom, ulong>,
        DType.Bool => &Loop<TFrom, bool>,
        _ => null,
    };

    private static void Loop<TFrom, TTo>(void* from, void* to, nint count) where TFrom : unmanaged where TTo : unmanaged
    {
        var x = (TFrom*)from;
        var y = (TTo*)to;
        for (nint i = 0; i < count; i++)
            y[i] = One<TFrom, TTo>(x[i]);
    }

    /// <summary>One element converted.</summary>
    internal static TTo One<TFrom, TTo>(TFrom x) where TFrom : unmanaged where TTo : unmanaged
    {
        if (typeof(TFrom) == typeof(TTo))
            return Unsafe.BitCast<TFrom, TTo>(x);
        if (typeof(TFrom) == typeof(BFloat16))
            return ToNumber<float, TTo>(Unsafe.BitCast<TFrom, BFloat16>(x));
        // A bool byte other than 0 and 1 still is a true.
        if (typeof(TFrom) == typeof(bool))
            return ToNumber<byte, TTo>(*(byte*)&x != 0 ? (byte)1 : (byte)0);
        if (typeof(TFrom) == typeof(float)) return ToNumber<float, TTo>(Unsafe.BitCast<TFrom, float>(x));
        if (typeof(TFrom) == typeof(double)) return ToNumber<double, TTo>(Unsafe.BitCast<TFrom, double>(x));
        if (typeof(TFrom) == typeof(Half)) return ToNumber<Half, TTo>(Unsafe.BitCast<TFrom, Half>(x));
        if (typeof(TFrom) == typeof(sbyte)) return ToNumber<sbyte, TTo>(Unsafe.BitCast<TFrom, sbyte>(x));
        if (typeof(TFrom) == typeof(short)) return ToNumber<short, TTo>(Unsafe.BitCast<TFrom, short>(x));
        if (typeof(TFrom) == typeof(int)) return ToNumber<int, TTo>(Unsafe.BitCast<TFrom, int>(x));
        if (typeof(TFrom) == typeof(long)) return ToNumber<long, TTo>(Unsafe.BitCast<TFrom, long>(x));
        if (typeof(TFrom) == typeof(byte)) return ToNumber<byte, TTo>(Unsafe.BitCast<TFrom, byte>(x));
        if (typeof(TFrom) == typeof(ushort)) return ToNumber<ushort, TTo>(Unsafe.BitCast<TFrom, ushort>(x));
        if (typeof(TFrom) == typeof(uint)) return ToNumber<uint, TTo>(Unsafe.BitCast<TFrom, uint>(x));
        return ToNumber<ulong, TTo>(Unsafe.BitCast<TFrom, ulong>(x));
    }

    private static TTo ToNumber<TFrom, TTo>(TFrom x) where TFrom : unmanaged, INumber<TFrom> where TTo : unmanaged
    {
        if (typeof(TTo) == typeof(BFloat16)) return Unsafe.BitCast<BFloat16, TTo>((BFloat16)float.CreateTruncating(x));
        if (typeof(TTo) == typeof(bool)) return Unsafe.BitCast<bool, TTo>(x != TFrom.Zero);
        if (typeof(TTo) == typeof(float)) return Unsafe.BitCast<float, TTo>(float.CreateTruncating(x));
        if (typeof(TTo) == typeof(double)) return Unsafe.BitCast<double, TTo>(double.CreateTruncating(x));
        if (typeof(TTo) == typeof(Half)) return Unsafe.BitCast<Half, TTo>(Half.CreateTruncating(x));
        if (typeof(TTo) == typeof(sbyte)) return Unsafe.BitCast<sbyte, TTo>(ToInteger<TFrom, sbyte>(x));
        if (typeof(TTo) == typeof(short)) return Unsafe.BitCast<short, TTo>(ToInteger<TFrom, short>(x));
        if (typeof(TTo) == typeof(int)) return Unsafe.BitCast<int, TTo>(ToInteger<TFrom, int>(x));
        if (typeof(TTo) == typeof(long)) return Unsafe.BitCast<long, TTo>(ToInteger<TFrom, long>(x));
        if (typeof(TTo) == typeof(byte)) return Unsafe.BitCast<byte, TTo>(ToInteger<TFrom, byte>(x));
        if (typeof(TTo) == typeof(ushort)) return Unsafe.BitCast<ushort, TTo>(ToInteger<TFrom, ushort>(x));
        if (typeof(TTo) == typeof(uint)) return Unsafe.BitCast<uint, TTo>(ToInteger<TFrom, uint>(x));
        return Unsafe.BitCast<ulong, TTo>(ToInteger<TFrom, ulong>(x));
    }

    private static TTo ToInteger<TFrom, TTo>(TFrom x) where TFrom : INumber<TFrom> where TTo : IBinaryInteger<TTo> =>
        typeof(TFrom) == typeof(float) || typeof(TFrom) == typeof(double) || typeof(TFrom) == typeof(Half)
            ? TTo.CreateSaturating(x) : TTo.CreateTruncating(x);

    private static void Int32ToSingle(void* from, void* to, nint count)
    {
        var x = (int*)from;
        var y = (float*)to;
        nint i = 0;
        for (; i + Vector256<int>.Count <= count; i += Vector256<int>.Count)
            Vector256.ConvertToSingle(Vector256.Load(x + i)).Store(y + i);
        for (; i < count; i++)
            y[i] = x[i];
    }

    private static void ByteToSingle(void* from, void* to, nint count)
    {
        var x = (byte*)from;
        var y = (float*)to;
        nint i = 0;
        for (; i + Vector128<byte>.Count <= count; i += Vector128<byte>.Count)
            Widen(Vector128.Load(x + i), y + i);
        for (; i < count; i++)
            y[i] = x[i];
    }

    // A bool byte other than 0 and 1 still is a true.
    private static void BoolToSingle(void* from, void* to, nint count)
    {
        var x = (byte*)from;
        var y = (float*)to;
        nint i = 0;
        for (; i + Vector128<byte>.Count <= count; i += Vector128<byte>.Count)
            Widen(Vector128.Min(Vector128.Load(x + i), Vector128<byte>.One), y + i);
        for (; i < count; i++)
            y[i] = x[i] != 0 ? 1 : 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Widen(Vector128<byte> bytes, float* y)
    {
        (Vector128<ushort> lower, Vector128<ushort> upper) = Vector128.Widen(bytes);
        (Vector128<uint> a, Vector128<uint> b) = Vector128.Widen(lower);
        (Vector128<uint> c, Vector128<uint> d) = Vector128.Widen(upper);
        Vector128.ConvertToSingle(a.AsInt32()).Store(y);
        Vector128.ConvertToSingle(b.AsInt32()).Store(y + 4);
        Vector128.ConvertToSingle(c.AsInt32()).Store(y + 8);
        Vector128.ConvertToSingle(d.AsInt32()).Store(y + 12);
    }

    private static void HalfToSingle(void* from, void* to, nint count)
    {
        for (nint i = 0; i < count; i += int.MaxValue)
        {
            int n = (int)nint.Min(int.MaxValue, count - i);
            TensorPrimitives.ConvertToSingle(new ReadOnlySpan<Half>((Half*)from + i, n), new Span<float>((float*)to + i, n));
        }
    }

    private static void SingleToHalf(void* from, void* to, nint count)
    {
        for (nint i = 0; i < count; i += int.MaxValue)
        {
            int n = (int)nint.Min(int.MaxValue, count - i);
            TensorPrimitives.ConvertToHalf(new ReadOnlySpan<float>((float*)from + i, n), new Span<Half>((Half*)to + i, n));
        }
    }

    private static void BFloat16ToSingle(void* from, void* to, nint count)
    {
        var x = (ushort*)from;
        var y = (uint*)to;
        nint i = 0;
        for (; i + Vector256<ushort>.Count <= count; i += Vector256<ushort>.Count)
        {
            (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(Vector256.Load(x + i));
            (lower << 16).Store(y + i);
            (upper << 16).Store(y + i + Vector256<uint>.Count);
        }
        for (; i < count; i++)
            y[i] = (uint)x[i] << 16;
    }

    private static void SingleToBFloat16(void* from, void* to, nint count)
    {
        var x = (float*)from;
        var y = (ushort*)to;
        nint i = 0;
        for (; i + Vector256<ushort>.Count <= count; i += Vector256<ushort>.Count)
            Vector256.Narrow(RoundToUpperHalf(Vector256.Load(x + i)), RoundToUpperHalf(Vector256.Load(x + i + Vector256<float>.Count))).Store(y + i);
        for (; i < count; i++)
            y[i] = ((BFloat16)x[i]).Bits;
    }

    // To nearest, ties to even; NaN stays NaN.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> RoundToUpperHalf(Vector256<float> x)
    {
        Vector256<uint> bits = x.AsUInt32(), upper = bits >> 16;
        Vector256<uint> rounded = (bits + Vector256.Create(0x7FFFu) + (upper & Vector256.Create(1u))) >> 16;
        return Vector256.ConditionalSelect(Vector256.Equals(x, x).AsUInt32(), rounded, upper | Vector256.Create(0x40u));
    }
}
