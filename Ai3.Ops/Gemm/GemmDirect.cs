using System.Numerics;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The <c>direct</c> row: plain loops in place, for every element type and size. Integers wrap; float64 sums in float64, narrower
/// floats in float32 with one rounding at the end.
/// </summary>
internal static unsafe class GemmDirect
{
    private const int Strip = 32;

    public static Algorithm<GemmProblem> Row { get; } = new()
    {
        Name = "direct",
        Source = "plain loops, a strip of columns at a time",
        Supports = static (p, _) => Applicability.If(Applies(p.Type), $"operands are {p.Type.ShortName()}, needs a float, i32, i64, u32 or u64")
            .And(Applicability.If(p.Fusion.IsNone, "has fused parts")),
        CostHint = static r => 300 + r.Problem.Flops / 1.5 / Math.Min(r.Target.Threads, Math.Max(1, r.Problem.ShapeY.Count)),
        Error = static (p, _) => p.Type switch
        {
            DType.Float32 or DType.Float64 => ErrorBound.PerElement(p.K + 4),
            DType.Float16 or DType.BFloat16 => HalfError(p),
            _ => ErrorBound.Exact,
        },
        Bind = static (r, _) => r.Problem.Type switch
        {
            DType.Float32 => new Kernel<float, float, Same<float>>(r.Problem),
            DType.Float64 => new Kernel<double, double, Same<double>>(r.Problem),
            DType.Float16 => new Kernel<Half, float, HalfAsFloat>(r.Problem),
            DType.BFloat16 => new Kernel<BFloat16, float, BFloat16AsFloat>(r.Problem),
            DType.Int32 => new Kernel<int, int, Same<int>>(r.Problem),
            DType.Int64 => new Kernel<long, long, Same<long>>(r.Problem),
            DType.UInt32 => new Kernel<uint, uint, Same<uint>>(r.Problem),
            _ => new Kernel<ulong, ulong, Same<ulong>>(r.Problem),
        },
    };

    private static bool Applies(DType type) => type.IsFloat() || type is DType.Int32 or DType.Int64 or DType.UInt32 or DType.UInt64;

    // In float32 units of round-off: the sum's own chain, and one rounding to the 16-bit type.
    private static ErrorBound HalfError(GemmProblem p) => ErrorBound.PerElement(p.K + 4 + (p.Type == DType.Float16 ? 1 << 13 : 1 << 16));

    /// <summary>How elements become accumulators and back.</summary>
    private interface IElement<T, TSum>
    {
        static abstract TSum Widen(T value);

        static abstract T Narrow(TSum value);
    }

    private readonly struct Same<T> : IElement<T, T>
    {
        public static T Widen(T value) => value;

        public static T Narrow(T value) => value;
    }

    private readonly struct HalfAsFloat : IElement<Half, float>
    {
        public static float Widen(Half value) => (float)value;

        public static Half Narrow(float value) => (Half)value;
    }

    private readonly struct BFloat16AsFloat : IElement<BFloat16, float>
    {
        public static float Widen(BFloat16 value) => value;

        public static BFloat16 Narrow(float value) => (BFloat16)value;
    }

    private sealed class Kernel<T, TSum, E>(GemmProblem problem) : PreparedKernel
        where T : unmanaged where TSum : unmanaged, INumberBase<TSum> where E : struct, IElement<T, TSum>
    {
        private readonly GemmGeometry _geometry = new(problem);
        private readonly GemmBias _bias = problem.Bias;
        private readonly RowPanels _units = ParallelUnits.Of(problem.N == 0 ? 0 : problem.ShapeY.Count / problem.N);

        public override void Run(in KernelArgs args)
        {
            var body = new Body(this, args);
            args.Workers.For((int)_units.Count, ref body);
        }

        private void Rows(T* a, T* b, T* c, T* y, long begin, long end)
        {
            TSum* sums = stackalloc TSum[Strip];
            (long m, long n, long k) = (_geometry.M, _geometry.N, _geometry.K);
            (nint stepA, nint stepK) = problem.TransB ? ((nint)_geometry.RowB, (nint)1) : (1, (nint)_geometry.RowB);
            nint rowA = problem.TransA ? 1 : (nint)_geometry.RowA, nextA = problem.TransA ? (nint)_geometry.RowA : 1;
            for (long i = begin; i < end; i++)
            {
                (long batch, long row) = Math.DivRem(i, m);
                (long offsetA, long matrixB) = _geometry.Of(batch);
                for (long column = 0; column < n; column += Strip)
                {
                    var count = (int)Math.Min(Strip, n - column);
                    new Span<TSum>(sums, count).Clear();
                    T* pa = a + (nint)offsetA + (nint)row * rowA;
                    T* pb = b + (nint)(matrixB * k * n) + (nint)column * stepA;
                    for (long t = 0; t < k; t++, pa += nextA, pb += stepK)
                    {
                        TSum x = E.Widen(*pa);
                        for (int j = 0; j < count; j++)
                            sums[j] += x * E.Widen(pb[j * stepA]);
                    }
                    for (int j = 0; j < count; j++)
                        y[(nint)(i * n + column) + j] = E.Narrow(Finish(sums[j], c, row, column + j));
                }
            }
        }

        private TSum Finish(TSum sum, T* c, long row, long column)
        {
            if (problem.Alpha != 1)
                sum *= TSum.CreateTruncating(problem.Alpha);
            if (c == null)
                return sum;
            TSum addend = E.Widen(c[_bias switch
            {
                GemmBias.Scalar => 0,
                GemmBias.Column => (nint)column,
                GemmBias.Row => (nint)row,
                _ => (nint)(row * _geometry.N + column),
            }]);
            return sum + (problem.Beta == 1 ? addend : addend * TSum.CreateTruncating(problem.Beta));
        }

        private readonly struct Body(Kernel<T, TSum, E> kernel, in KernelArgs args) : IParallelBody
        {
            private readonly Kernel<T, TSum, E> _kernel = kernel;
            private readonly T* _a = (T*)args.Inputs[0];
            private readonly T* _b = (T*)args.Inputs[1];
            private readonly T* _c = (T*)args.Inputs[2];
            private readonly T* _y = (T*)args.Outputs[0];

            public void Run(int begin, int end, int worker) => _kernel.Rows(_a, _b, _c, _y, _kernel._units.Start(begin), _kernel._units.Start(end));
        }
    }
}
