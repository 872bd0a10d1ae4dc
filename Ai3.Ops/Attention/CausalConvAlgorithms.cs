using System.Collections.Immutable;

namespace Ai3.Ops;

internal static unsafe class CausalConvAlgorithms
{
    /// <summary>Every way to compute a causal convolution. Order is the tie-break.</summary>
    public static readonly ImmutableArray<Algorithm<CausalConvProblem>> All =
    [
        new()
        {
            Name = "scalar",
            Source = "the definition, in double",
            Supports = static (_, _) => Applicability.Yes,
            CostHint = static r => 100 + r.Problem.Flops / r.Target.Threads,
            Error = static (p, _) => ErrorBound.PerElement(p.Kernel + 8),
            Bind = static (r, _) => ElementTypes.Select<Binder, PreparedKernel>(r.Problem.Type, new Binder(r.Problem)),
        },
        ReferenceAlgorithm.Of<CausalConvProblem>(Evaluate),
    ];

    internal static OracleResult Evaluate(CausalConvProblem p, IReadOnlyList<double[]?> inputs)
    {
        long length = p.Shape[2], channels = p.Shape[1], planes = p.Shape[0] * channels, held = p.Kernel - 1;
        double[] y = new double[planes * length], sizes = new double[y.Length], state = new double[planes * held];
        for (long plane = 0; plane < planes; plane++)
        {
            long c = plane % channels;
            double At(long t) => t >= held ? inputs[0]![plane * length + t - held] : inputs[3]?[plane * held + t] ?? 0;
            for (long t = 0; t < length; t++)
            {
                double sum = inputs[2]?[c] ?? 0, size = Math.Abs(sum);
                for (long i = 0; i < p.Kernel; i++)
                {
                    sum += inputs[1]![c * p.Kernel + i] * At(t + i);
                    size += Math.Abs(inputs[1]![c * p.Kernel + i] * At(t + i));
                }
                y[plane * length + t] = p.Silu ? sum / (1 + Math.Exp(-sum)) : sum;
                // The slope of x sigmoid(x) is below 1.1.
                sizes[plane * length + t] = p.Silu ? 1.1 * size : size;
            }
            for (long t = 0; t < held; t++)
                state[plane * held + t] = At(length + t);
        }
        return p.OutputCount == 1 ? new OracleResult([y], [sizes]) : new OracleResult([y, state], [sizes, Array.ConvertAll(state, Math.Abs)]);
    }

    private readonly struct Binder(CausalConvProblem p) : IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<E>() where E : struct, IElement => new Kernel<E>(p);
    }

    private sealed class Kernel<E>(CausalConvProblem p) : PreparedKernel where E : struct, IElement
    {
        private readonly RowSplit _planes = new(p.Shape[0] * p.Shape[1]);

        public override void Run(in KernelArgs args)
        {
            var body = new Body<E>
            {
                Channels = (nint)p.Shape[1],
                Length = (nint)p.Shape[2],
                Kernel = (nint)p.Kernel,
                Silu = p.Silu,
                X = (void*)args.Inputs[0],
                W = (void*)args.Inputs[1],
                Bias = (void*)args.Inputs[2],
                Past = (void*)args.Inputs[3],
                Y = (void*)args.Outputs[0],
                State = args.Outputs.Length > 1 ? (void*)args.Outputs[1] : null,
                Split = _planes,
            };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    private struct Body<E> : IParallelBody where E : struct, IElement
    {
        public nint Channels;
        public nint Length;
        public nint Kernel;
        public bool Silu;
        public void* X;
        public void* W;
        public void* Bias;
        public void* Past;
        public void* Y;
        public void* State;
        public RowSplit Split;

        public readonly void Run(int begin, int end, int worker)
        {
            nint held = Kernel - 1;
            for (nint plane = (nint)Split.Begin(begin); plane < (nint)Split.End(end); plane++)
            {
                nint w = plane % Channels * Kernel, x = plane * Length, past = plane * held;
                double bias = Bias == null ? 0 : E.Load(Bias, plane % Channels);
                for (nint t = 0; t < Length; t++)
                {
                    double sum = bias;
                    // Taps before the first element read the past.
                    for (nint i = 0, at = t - held; i < Kernel; i++, at++)
                        if (at >= 0)
                            sum += E.Load(W, w + i) * E.Load(X, x + at);
                        else
                            sum += E.Load(W, w + i) * (Past == null ? 0 : E.Load(Past, past + at + held));
                    E.Store(Y, x + t, Silu ? sum / (1 + Math.Exp(-sum)) : sum);
                }
                for (nint t = 0; State != null && t < held; t++)
                {
                    nint at = Length + t - held;
                    E.Store(State, past + t, at >= 0 ? E.Load(X, x + at) : Past == null ? 0 : E.Load(Past, past + at + held));
                }
            }
        }
    }
}
