using System.Numerics;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Reductions of any number type, one element at a time: floats in double, integers in 64 bits where sums wrap, logarithms and
/// roots in double. An integer mean is truncated.
/// </summary>
internal static unsafe class ScalarReduction
{
    private const long Grain = 8192;

    public static Applicability Supports(ReductionProblem p, Target target) =>
        Applicability.If(ElementAccess.CanReadAsDouble(p.Input.Type), $"{p.Input.Type.ShortName()} is no number type");

    public static PreparedKernel Bind(Request<ReductionProblem> request, PackedConstants? packed)
    {
        ReductionProblem p = request.Problem;
        bool real = p.Function is ReductionFunction.L2 or ReductionFunction.LogSum or ReductionFunction.LogSumExp;
        return p.Input.Type switch
        {
            DType.Float32 => new Kernel<float, double>(p),
            DType.Float64 => new Kernel<double, double>(p),
            DType.Float16 => new Kernel<Half, double>(p),
            DType.BFloat16 => new Kernel<BFloat16, double>(p),
            DType.Int8 => real ? new Kernel<sbyte, double>(p) : new Kernel<sbyte, long>(p),
            DType.Int16 => real ? new Kernel<short, double>(p) : new Kernel<short, long>(p),
            DType.Int32 => real ? new Kernel<int, double>(p) : new Kernel<int, long>(p),
            DType.Int64 => real ? new Kernel<long, double>(p) : new Kernel<long, long>(p),
            DType.UInt8 => real ? new Kernel<byte, double>(p) : new Kernel<byte, ulong>(p),
            DType.UInt16 => real ? new Kernel<ushort, double>(p) : new Kernel<ushort, ulong>(p),
            DType.UInt32 => real ? new Kernel<uint, double>(p) : new Kernel<uint, ulong>(p),
            DType.UInt64 => real ? new Kernel<ulong, double>(p) : new Kernel<ulong, ulong>(p),
            _ => new Kernel<bool, ulong>(p),
        };
    }

    private sealed class Kernel<T, TSum>(ReductionProblem problem) : PreparedKernel where T : unmanaged where TSum : unmanaged, INumber<TSum>, IMinMaxValue<TSum>
    {
        private readonly ReductionPlan _plan = ReductionPlan.Of(problem.Input.Shape.AsSpan(), problem.Axes.Contains);
        private readonly ReductionFunction _function = problem.Function;

        private long OutputsAtATime => Math.Max(Math.Max(1, Grain / Math.Max(1, _plan.Count)), _plan.Outputs / 1_000_000);

        public override void Run(in KernelArgs args)
        {
            if (_plan.Outputs == 0)
                return;
            var body = new Body { Kernel = this, X = (T*)args.Inputs[0], Y = (T*)args.Outputs[0] };
            args.Workers.For((int)ShapeMath.CeilDiv(_plan.Outputs, OutputsAtATime), ref body);
        }

        private struct Body : IParallelBody
        {
            public Kernel<T, TSum> Kernel;
            public T* X;
            public T* Y;

            public readonly void Run(int begin, int end, int worker)
            {
                long step = Kernel.OutputsAtATime, last = Math.Min(end * step, Kernel._plan.Outputs);
                for (long i = begin * step; i < last; i++)
                    Y[i] = Kernel.Output(X, i);
            }
        }

        private T Output(T* x, long index)
        {
            ReductionPlan plan = _plan;
            x += ReductionPlan.Offset(plan.KeptDims, plan.KeptStrides, plan.KeptDims.Length, index);
            double shift = 0;
            if (_function == ReductionFunction.LogSumExp)
            {
                shift = double.CreateTruncating(Reduce(x, ReductionFunction.Max, 0));
                if (!double.IsFinite(shift))
                    shift = 0;
            }
            TSum total = Reduce(x, _function, shift);
            TSum result = _function switch
            {
                ReductionFunction.Mean => typeof(TSum) == typeof(double) || plan.Count != 0 ? total / TSum.CreateTruncating(plan.Count) : TSum.Zero,
                ReductionFunction.L2 => TSum.CreateTruncating(Math.Sqrt(double.CreateTruncating(total))),
                ReductionFunction.LogSum => TSum.CreateTruncating(Math.Log(double.CreateTruncating(total))),
                ReductionFunction.LogSumExp => TSum.CreateTruncating(shift + Math.Log(double.CreateTruncating(total))),
                _ => total,
            };
            return Conversions.One<TSum, T>(result);
        }

        private TSum Reduce(T* x, ReductionFunction function, double shift)
        {
            ReductionPlan plan = _plan;
            TSum total = Start(function);
            long length = plan.ReducedDims[^1], stride = plan.ReducedStrides[^1], runs = plan.Count / Math.Max(length, 1);
            for (long run = 0; run < runs; run++)
            {
                T* p = x + ReductionPlan.Offset(plan.ReducedDims, plan.ReducedStrides, plan.ReducedDims.Length - 1, run);
                for (long i = 0; i < length; i++, p += stride)
                    total = Accumulate(function, total, Conversions.One<T, TSum>(*p), shift);
            }
            return total;
        }

        // What no elements give: for Max the least value of the element type, not of the sum's.
        private static TSum Start(ReductionFunction function) => function switch
        {
            ReductionFunction.Prod => TSum.One,
            ReductionFunction.Max => typeof(TSum) == typeof(double) ? TSum.CreateTruncating(double.NegativeInfinity) : TSum.CreateTruncating(Least),
            ReductionFunction.Min => typeof(TSum) == typeof(double) ? TSum.CreateTruncating(double.PositiveInfinity) : TSum.CreateTruncating(Greatest),
            _ => TSum.Zero,
        };

        private static TSum Accumulate(ReductionFunction function, TSum total, TSum x, double shift) => function switch
        {
            ReductionFunction.Max => TSum.Max(total, x),
            ReductionFunction.Min => TSum.Min(total, x),
            ReductionFunction.Prod => total * x,
            ReductionFunction.L1 => x < TSum.Zero ? total - x : total + x,
            ReductionFunction.L2 or ReductionFunction.SumSquare => total + x * x,
            ReductionFunction.LogSumExp => total + TSum.CreateTruncating(Math.Exp(double.CreateTruncating(x) - shift)),
            _ => total + x,
        };

        private static long Least => typeof(TSum) == typeof(ulong) ? 0 : sizeof(T) == 8 ? long.MinValue : -(1L << 8 * sizeof(T) - 1);

        private static ulong Greatest => typeof(T) == typeof(bool) ? 1
            : typeof(TSum) == typeof(ulong) ? ulong.MaxValue >> 64 - 8 * sizeof(T) : (ulong)(long.MaxValue >> 64 - 8 * sizeof(T));
    }
}
