using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The ways to make a grid: positions and sums in double, one rounding.</summary>
internal static unsafe class AffineGrid
{
    public static readonly ImmutableArray<Algorithm<AffineGridProblem>> Rows =
    [
        new()
        {
            Name = "scalar",
            Source = "the definition, in double",
            Supports = static (p, _) => ElementTypes.Supports(p.Type),
            CostHint = static r => 100 + 2 * r.Problem.Flops / r.Target.Threads,
            Error = static (p, _) => ErrorBound.Relative(p.Type == DType.Float64 ? 16 : 2),
            Bind = static (r, _) => ElementTypes.Select<Binder, PreparedKernel>(r.Problem.Type, new Binder(r.Problem)),
        },
        ReferenceAlgorithm.Of<AffineGridProblem>(Evaluate),
    ];

    public static OracleResult Evaluate(AffineGridProblem p, IReadOnlyList<double[]?> inputs)
    {
        int axes = p.Out.Length;
        var values = new double[p.Outputs[0].Shape.Count];
        var sums = new double[values.Length];
        long positions = p.Out.Aggregate(1L, (n, d) => n * d);
        for (long i = 0; i < values.Length; i++)
        {
            long row = i % axes, position = i / axes % positions, matrix = (i / axes / positions * axes + row) * (axes + 1);
            (values[i], sums[i]) = (inputs[0]![matrix + axes], Math.Abs(inputs[0]![matrix + axes]));
            for (int a = 0; a < axes; a++)
            {
                long length = p.Out[axes - 1 - a], at = position % length;
                position /= length;
                double x = p.AlignCorners ? (length == 1 ? -1 : 2.0 * at / (length - 1) - 1) : (2.0 * at + 1) / length - 1;
                values[i] += inputs[0]![matrix + a] * x;
                sums[i] += Math.Abs(inputs[0]![matrix + a]) * (1 + Math.Abs(x));
            }
        }
        return new OracleResult([values], [sums]);
    }

    private readonly struct Binder(AffineGridProblem p) : IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<E>() where E : struct, IElement => new Kernel<E>(p);
    }

    private sealed class Kernel<E>(AffineGridProblem p) : PreparedKernel where E : struct, IElement
    {
        private readonly long _lines = p.Out[^1] == 0 ? 0 : p.N * p.Out[..^1].Aggregate(1L, (n, d) => n * d);

        public override void Run(in KernelArgs args)
        {
            var body = new Body<E> { P = p, Theta = (void*)args.Inputs[0], Grid = (void*)args.Outputs[0], Split = new RowSplit(_lines) };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    // An item is a line along the innermost axis.
    private struct Body<E> : IParallelBody where E : struct, IElement
    {
        public AffineGridProblem P;
        public void* Theta;
        public void* Grid;
        public RowSplit Split;

        public readonly void Run(int begin, int end, int worker)
        {
            int axes = P.Out.Length;
            long w = P.Out[axes - 1], h = P.Out[axes - 2], d = axes == 3 ? P.Out[0] : 1;
            for (long line = Split.Begin(begin); line < Split.End(end); line++)
            {
                double y = At(line % h, h), z = axes == 3 ? At(line / h % d, d) : 0;
                for (int row = 0; row < axes; row++)
                {
                    nint matrix = (nint)((line / h / d * axes + row) * (axes + 1));
                    double first = E.Load(Theta, matrix), rest = E.Load(Theta, matrix + 1) * y + E.Load(Theta, matrix + axes);
                    if (axes == 3)
                        rest += E.Load(Theta, matrix + 2) * z;
                    for (long i = 0; i < w; i++)
                        E.Store(Grid, (nint)((line * w + i) * axes + row), first * At(i, w) + rest);
                }
            }
        }

        private readonly double At(long i, long length) =>
            P.AlignCorners ? (length == 1 ? -1 : 2.0 * i / (length - 1) - 1) : (2.0 * i + 1) / length - 1;
    }
}
