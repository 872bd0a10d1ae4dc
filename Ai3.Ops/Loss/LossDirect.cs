using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Positions are split over threads, each computed in double: for scores the largest, then the sum of exponentials. The losses go to the
/// workspace and are then summed in order, in double. Workspace: a double for each position.
/// </summary>
internal static unsafe class LossDirect
{
    public static Algorithm<LossProblem> Row { get; } = new()
    {
        Name = "direct",
        Source = "positions one by one, then their sum; in double",
        Workspace = "8 bytes for each target",
        Supports = static (p, _) => Applicability.If(p.X.Type.IsFloat(), $"element type is {p.X.Type.ShortName()}, needs a float type"),
        WorkspaceBytes = static r => ShapeMath.Multiply(r.Problem.Count, sizeof(double)),
        CostHint = static r => 100 + r.Problem.Flops / r.Target.Threads,
        // In double for the narrower types; for float64 the sums' own chains and a few roundings of logarithm and exponential.
        Error = static (p, _) => ErrorBound.PerElement(p.X.Type == DType.Float64 ? p.Count + (p.Softmax ? p.Classes : 0) + 16 : 3),
        Bind = static (r, _) => NumberTypes.Select<Maker, PreparedKernel>(r.Problem.X.Type, new Maker(r.Problem)),
    };

    private readonly struct Maker(LossProblem problem) : INumberFunc<PreparedKernel>
    {
        public PreparedKernel Create<T>() where T : unmanaged => new Kernel<T>(problem);
    }

    private sealed class Kernel<T>(LossProblem p) : PreparedKernel where T : unmanaged
    {
        private readonly long _count = p.Count;
        private readonly long _classes = p.Classes;
        private readonly nint _inner = (nint)p.Inner;
        private readonly bool _softmax = p.Softmax;
        private readonly bool _hasIgnored = p.Ignored is not null;
        private readonly long _ignored = p.Ignored ?? 0;
        private readonly LossReduction _reduction = p.Reduction;
        private readonly DType _targetType = p.Target.Type;

        public override void Run(in KernelArgs args)
        {
            var targets = IndexReader.Of(args.Inputs[1], _targetType);
            for (long i = 0; i < _count; i++)
                if (!IsIgnored(targets[i]) && (ulong)targets[i] >= (ulong)_classes)
                    throw new OpException($"target {targets[i]} (element {i}) is outside [0, {_classes - 1}]{(_hasIgnored ? $" and is not the ignored {_ignored}" : "")}");
            var body = new Body
            {
                Kernel = this,
                Tasks = WorkSplit.Tasks(_count, _softmax ? 16.0 * _count * _classes : _count, args.Workers),
                X = (T*)args.Inputs[0],
                Targets = targets,
                Weight = (T*)args.Inputs[2],
                LogProb = args.Outputs.Length > 1 ? (T*)args.Outputs[1] : null,
                Losses = (double*)args.Workspace,
            };
            args.Workers.For(body.Tasks, ref body);
            Reduce(body, (T*)args.Outputs[0]);
        }

        private void Reduce(in Body body, T* output)
        {
            if (_reduction == LossReduction.None)
            {
                for (long i = 0; i < _count; i++)
                    output[i] = Conversions.One<double, T>(body.Losses[i]);
                return;
            }
            double sum = 0, weights = 0;
            for (long i = 0; i < _count; i++)
            {
                sum += body.Losses[i];
                if (!IsIgnored(body.Targets[i]))
                    weights += Weight(body.Weight, body.Targets[i]);
            }
            *output = Conversions.One<double, T>(_reduction == LossReduction.Mean ? sum / weights : sum);
        }

        private struct Body : IParallelBody
        {
            public Kernel<T> Kernel;
            public int Tasks;
            public T* X;
            public IndexReader Targets;
            public T* Weight;
            public T* LogProb;
            public double* Losses;

            public readonly void Run(int begin, int end, int worker)
            {
                long last = WorkSplit.Begin(Kernel._count, end, Tasks);
                for (long i = WorkSplit.Begin(Kernel._count, begin, Tasks); i < last; i++)
                    Losses[i] = Kernel.Position(X, Targets[i], Weight, LogProb, i);
            }
        }

        private double Position(T* x, long target, T* weight, T* logProb, long position)
        {
            (long sample, long inner) = Math.DivRem(position, _inner);
            nint first = (nint)(sample * _classes) * _inner + (nint)inner;
            x += first;
            bool counts = !IsIgnored(target);
            double max = 0, log = 0;
            if (_softmax && (counts || logProb != null))
                (max, log) = LogSum(x);
            if (logProb != null)
                for (long c = 0; c < _classes; c++)
                    logProb[first + (nint)c * _inner] = Conversions.One<double, T>(Conversions.One<T, double>(x[(nint)c * _inner]) - max - log);
            return counts ? -(Conversions.One<T, double>(x[(nint)target * _inner]) - max - log) * Weight(weight, target) : 0;
        }

        private (double Max, double Log) LogSum(T* x)
        {
            double max = double.NegativeInfinity, sum = 0;
            for (long c = 0; c < _classes; c++)
                max = Math.Max(max, Conversions.One<T, double>(x[(nint)c * _inner]));
            for (long c = 0; c < _classes; c++)
                sum += Math.Exp(Conversions.One<T, double>(x[(nint)c * _inner]) - max);
            return (max, Math.Log(sum));
        }

        private bool IsIgnored(long target) => _hasIgnored && target == _ignored;

        private static double Weight(T* weight, long target) => weight == null ? 1 : Conversions.One<T, double>(weight[target]);
    }
}
