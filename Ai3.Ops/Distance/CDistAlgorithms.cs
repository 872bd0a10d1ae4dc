using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to compute distances.</summary>
internal static unsafe class CDistAlgorithms
{
    public static readonly ImmutableArray<Algorithm<CDistProblem>> All =
    [
        new()
        {
            Name = "differences",
            Source = "sums of squared differences, in double",
            Supports = static (_, _) => Applicability.Yes,
            CostHint = static r => 100 + r.Problem.Flops / 2 / r.Target.Threads,
            // The oracle of float64 rounds as the loop does; a square, k sums and a root each.
            Error = static (p, _) => p.A.Type == Tensors.DType.Float64 ? ErrorBound.Relative(2 * (p.A.Shape[1] + 4.0)) : ErrorBound.Ulp(1),
            Bind = static (r, _) => ElementTypes.Select<Binder, PreparedKernel>(r.Problem.A.Type, new Binder(r.Problem)),
        },
        ReferenceAlgorithm.Of<CDistProblem>(Evaluate),
    ];

    internal static OracleResult Evaluate(CDistProblem p, IReadOnlyList<double[]?> inputs)
    {
        long m = p.A.Shape[0], n = p.B.Shape[0], k = p.A.Shape[1];
        double[] values = new double[m * n];
        for (long i = 0; i < values.Length; i++)
        {
            double sum = 0;
            for (long c = 0; c < k; c++)
                sum += Math.Pow(inputs[0]![i / n * k + c] - inputs[1]![i % n * k + c], 2);
            values[i] = p.Squared ? sum : Math.Sqrt(sum);
        }
        return OracleResult.Of(values);
    }

    private readonly struct Binder(CDistProblem p) : IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<E>() where E : struct, IElement => new Kernel<E>(p);
    }

    private sealed class Kernel<E>(CDistProblem p) : PreparedKernel where E : struct, IElement
    {
        public override void Run(in KernelArgs args)
        {
            var body = new Body<E>
            {
                A = (void*)args.Inputs[0],
                B = (void*)args.Inputs[1],
                Y = (void*)args.Outputs[0],
                N = (nint)p.B.Shape[0],
                K = (nint)p.A.Shape[1],
                Squared = p.Squared,
                Split = new RowSplit(p.B.Shape[0] == 0 ? 0 : p.A.Shape[0]),
            };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    private struct Body<E> : IParallelBody where E : struct, IElement
    {
        public void* A, B, Y;
        public nint N, K;
        public bool Squared;
        public RowSplit Split;

        public readonly void Run(int begin, int end, int worker)
        {
            for (nint i = (nint)Split.Begin(begin); i < (nint)Split.End(end); i++)
                for (nint j = 0; j < N; j++)
                {
                    double sum = 0;
                    for (nint c = 0; c < K; c++)
                    {
                        double difference = E.Load(A, i * K + c) - E.Load(B, j * K + c);
                        sum += difference * difference;
                    }
                    E.Store(Y, i * N + j, Squared ? sum : Math.Sqrt(sum));
                }
        }
    }
}
