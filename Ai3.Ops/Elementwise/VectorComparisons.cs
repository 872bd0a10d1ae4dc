using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>A test of two vectors of any number type: all bits of an element set if it holds.</summary>
internal interface IVectorTest
{
    static abstract bool Apply<T>(T a, T b) where T : unmanaged, INumber<T>;

    static abstract Vector256<T> Apply<T>(Vector256<T> a, Vector256<T> b) where T : unmanaged, INumber<T>;
}

/// <summary>Loops of tests over a row with portable vectors: 32 results at a time, narrowed to bytes.</summary>
internal static unsafe class VectorComparisons
{
    private const int Step = 32;

    public static RowFunction Of<F>(DType type) where F : struct, IVectorTest => type switch
    {
        DType.Float32 or DType.Float16 or DType.BFloat16 => new(&Loop<F, float>, DType.Bool, DType.Float32, DType.Float32),
        DType.Float64 => new(&Loop<F, double>, DType.Bool, type, type),
        DType.Int8 => new(&Loop<F, sbyte>, DType.Bool, type, type),
        DType.Int16 => new(&Loop<F, short>, DType.Bool, type, type),
        DType.Int32 => new(&Loop<F, int>, DType.Bool, type, type),
        DType.Int64 => new(&Loop<F, long>, DType.Bool, type, type),
        DType.UInt8 => new(&Loop<F, byte>, DType.Bool, type, type),
        DType.UInt16 => new(&Loop<F, ushort>, DType.Bool, type, type),
        DType.UInt32 => new(&Loop<F, uint>, DType.Bool, type, type),
        DType.UInt64 => new(&Loop<F, ulong>, DType.Bool, type, type),
        // Through a conversion, since any byte but 0 is a true.
        DType.Bool => new(&Loop<F, byte>, DType.Bool, DType.UInt8, DType.UInt8),
        _ => default,
    };

    private static void Loop<F, T>(RowArgs* r) where F : struct, IVectorTest where T : unmanaged, INumber<T>
    {
        T* a = (T*)r->A, b = (T*)r->B;
        var y = (byte*)r->Y;
        nint n = r->Count, stepA = r->StepA, stepB = r->StepB;
        for (; n >= Step; n -= Step, a += Step * stepA, b += Step * stepB, y += Step)
            (Narrowed<F, T>(a, stepA, b, stepB) & Vector256<byte>.One).Store(y);
        for (nint i = 0; i < n; i++)
            y[i] = F.Apply(a[i * stepA], b[i * stepB]) ? (byte)1 : (byte)0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Narrowed<F, T>(T* a, nint stepA, T* b, nint stepB) where F : struct, IVectorTest where T : unmanaged, INumber<T>
    {
        if (sizeof(T) == 1)
            return Test<F, T>(a, stepA, b, stepB, 0).AsByte();
        if (sizeof(T) == 2)
            return Vector256.Narrow(Test<F, T>(a, stepA, b, stepB, 0).AsUInt16(), Test<F, T>(a, stepA, b, stepB, 1).AsUInt16());
        if (sizeof(T) == 4)
            return Vector256.Narrow(Pair32<F, T>(a, stepA, b, stepB, 0), Pair32<F, T>(a, stepA, b, stepB, 2));
        return Vector256.Narrow(
            Vector256.Narrow(Pair64<F, T>(a, stepA, b, stepB, 0), Pair64<F, T>(a, stepA, b, stepB, 2)),
            Vector256.Narrow(Pair64<F, T>(a, stepA, b, stepB, 4), Pair64<F, T>(a, stepA, b, stepB, 6)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Pair32<F, T>(T* a, nint stepA, T* b, nint stepB, int first) where F : struct, IVectorTest where T : unmanaged, INumber<T> =>
        Vector256.Narrow(Test<F, T>(a, stepA, b, stepB, first).AsUInt32(), Test<F, T>(a, stepA, b, stepB, first + 1).AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Pair64<F, T>(T* a, nint stepA, T* b, nint stepB, int first) where F : struct, IVectorTest where T : unmanaged, INumber<T> =>
        Vector256.Narrow(Test<F, T>(a, stepA, b, stepB, first).AsUInt64(), Test<F, T>(a, stepA, b, stepB, first + 1).AsUInt64());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> Test<F, T>(T* a, nint stepA, T* b, nint stepB, int vector) where F : struct, IVectorTest where T : unmanaged, INumber<T> => F.Apply(
        stepA != 0 ? Vector256.Load(a + vector * Vector256<T>.Count) : Vector256.Create(*a),
        stepB != 0 ? Vector256.Load(b + vector * Vector256<T>.Count) : Vector256.Create(*b));
}
