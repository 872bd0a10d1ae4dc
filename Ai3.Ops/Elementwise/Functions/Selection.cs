using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Where, Clip and the plain copy.</summary>
internal static unsafe class Selection
{
    public static ImmutableArray<ElementwiseFunction> All { get; } =
    [
        new()
        {
            Name = "where",
            Exact = static (condition, a, b, _) => condition != 0 ? a : b,
            Scalar = static p => Where(p.Output.Type),
            Vector = static p => VectorRows.Where(p.Output.Type),
        },
        new()
        {
            Name = "clip",
            Exact = static (x, low, high, _) => Least(Greatest(x, low), high),
            Scalar = static p => Clip(p.Output.Type),
            Simd = static level => Isa.Select<ClipRows, RowFunction>(level, default),
        },
        new()
        {
            Name = "copy",
            Exact = static (x, _, _, _) => x,
            Scalar = static p => Copy(p.Output.Type),
        },
    ];

    private static double Greatest(double a, double b) => a > b || double.IsNaN(a) ? a : b;

    private static double Least(double a, double b) => a < b || double.IsNaN(a) ? a : b;

    private static RowFunction Where(DType type) => type.ByteSize() switch
    {
        1 => new(&WhereLoop<byte>, type, DType.Bool, type, type),
        2 => new(&WhereLoop<ushort>, type, DType.Bool, type, type),
        4 => new(&WhereLoop<uint>, type, DType.Bool, type, type),
        8 => new(&WhereLoop<ulong>, type, DType.Bool, type, type),
        _ => default,
    };

    private static RowFunction Copy(DType type) => type.ByteSize() switch
    {
        1 => new(&CopyLoop<byte>, type, type),
        2 => new(&CopyLoop<ushort>, type, type),
        4 => new(&CopyLoop<uint>, type, type),
        8 => new(&CopyLoop<ulong>, type, type),
        16 => new(&CopyLoop<Vector128<byte>>, type, type),
        _ => default,
    };

    private static RowFunction Clip(DType type) => type switch
    {
        DType.Float32 or DType.Float16 or DType.BFloat16 => new(&ClipLoop<float>, DType.Float32, DType.Float32, DType.Float32, DType.Float32),
        DType.Float64 => new(&ClipLoop<double>, type, type, type, type),
        DType.Int8 => new(&ClipLoop<sbyte>, type, type, type, type),
        DType.Int16 => new(&ClipLoop<short>, type, type, type, type),
        DType.Int32 => new(&ClipLoop<int>, type, type, type, type),
        DType.Int64 => new(&ClipLoop<long>, type, type, type, type),
        DType.UInt8 => new(&ClipLoop<byte>, type, type, type, type),
        DType.UInt16 => new(&ClipLoop<ushort>, type, type, type, type),
        DType.UInt32 => new(&ClipLoop<uint>, type, type, type, type),
        DType.UInt64 => new(&ClipLoop<ulong>, type, type, type, type),
        _ => default,
    };

    private static void WhereLoop<T>(RowArgs* r) where T : unmanaged
    {
        var condition = (byte*)r->A;
        T* a = (T*)r->B, b = (T*)r->C, y = (T*)r->Y;
        nint n = r->Count, step = r->StepA, stepA = r->StepB, stepB = r->StepC;
        for (nint i = 0; i < n; i++, condition += step, a += stepA, b += stepB)
        {
            T yes = *a, no = *b;
            y[i] = *condition != 0 ? yes : no;
        }
    }

    private static void CopyLoop<T>(RowArgs* r) where T : unmanaged
    {
        T* x = (T*)r->A, y = (T*)r->Y;
        nint n = r->Count, step = r->StepA;
        for (nint i = 0; i < n; i++, x += step)
            y[i] = *x;
    }

    // min(max(x, low), high): the upper bound wins where the bounds cross.
    private static void ClipLoop<T>(RowArgs* r) where T : unmanaged, INumber<T>
    {
        T* x = (T*)r->A, low = (T*)r->B, high = (T*)r->C, y = (T*)r->Y;
        nint n = r->Count, step = r->StepA, stepLow = r->StepB, stepHigh = r->StepC;
        for (nint i = 0; i < n; i++, x += step, low += stepLow, high += stepHigh)
        {
            T v = *x > *low || T.IsNaN(*x) ? *x : *low;
            y[i] = v < *high || T.IsNaN(v) ? v : *high;
        }
    }

    private readonly struct ClipRows : IIsaFunc<RowFunction>
    {
        public RowFunction Create<S, V>() where S : struct, ISimd<V> where V : unmanaged =>
            new(&Run<S, V>, DType.Float32, DType.Float32, DType.Float32, DType.Float32);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Run<S, V>(RowArgs* r) where S : struct, ISimd<V> where V : unmanaged
        {
            // ONNX bounds are scalars; other broadcasts of this problem run one by one.
            if (r->StepA != 1 || r->StepB != 0 || r->StepC != 0)
            {
                ClipLoop<float>(r);
                return;
            }
            float* x = (float*)r->A, y = (float*)r->Y;
            nint n = r->Count;
            V low = S.Splat((float*)r->B), high = S.Splat((float*)r->C);
            for (; n >= 4 * S.Lanes; n -= 4 * S.Lanes, x += 4 * S.Lanes, y += 4 * S.Lanes)
            {
                V y0 = Bound<S, V>(S.Load(x), low, high), y1 = Bound<S, V>(S.Load(x + S.Lanes), low, high);
                V y2 = Bound<S, V>(S.Load(x + 2 * S.Lanes), low, high), y3 = Bound<S, V>(S.Load(x + 3 * S.Lanes), low, high);
                S.Store(y0, y);
                S.Store(y1, y + S.Lanes);
                S.Store(y2, y + 2 * S.Lanes);
                S.Store(y3, y + 3 * S.Lanes);
            }
            for (; n > 0; n -= S.Lanes, x += S.Lanes, y += S.Lanes)
            {
                int lanes = (int)nint.Min(n, S.Lanes);
                S.StorePartial(Bound<S, V>(S.LoadPartial(x, lanes), low, high), y, lanes);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static V Bound<S, V>(V x, V low, V high) where S : struct, ISimd<V> where V : unmanaged
        {
            V v = S.Select(S.IsNaN(x), x, S.Max(x, low));
            return S.Select(S.IsNaN(v), v, S.Min(v, high));
        }
    }
}
