using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// grid[n, o..., :] = theta[n] (x, y, 1) or theta[n] (x, y, z, 1), where x, y, z run evenly over the innermost, the next and the outermost axis: from -1 to 1 with
/// AlignCorners, otherwise between the outer edges of as many cells. The only cell of an aligned axis is at -1.
/// </summary>
internal sealed record AffineGridProblem : Problem
{
    public const string Name = "affinegrid";

    public required DType Type { get; init; }

    public required long N { get; init; }

    /// <summary>Two or three axes, outermost first.</summary>
    public required ImmutableArray<long> Out { get; init; }

    public bool AlignCorners { get; init; }

    public override ImmutableArray<TensorType> Inputs => [new TensorType(Type, [N, Out.Length, Out.Length + 1])];

    public override ImmutableArray<TensorType> Outputs => [new TensorType(Type, Shape.Create([N, .. Out, Out.Length]))];

    public override double Flops => 2.0 * Out.Length * Outputs[0].Shape.Count;

    public override string Key => $"{Name}/{Type.ShortName()} n{N} out{KeyWords.Join(Out)}" + (AlignCorners ? " align" : "");

    public static AffineGridProblem? Parse(string key) =>
        KeyWords.Parse(key) is not { Name: Name } words || !words.Type.IsFloat() || words.Int("n") is not (>= 0 and var n) || words.Ints("out", 0) is not { Length: 2 or 3 } output
            ? null : new AffineGridProblem { Type = words.Type, N = n, Out = output, AlignCorners = words.Has("align") };
}

/// <summary>AffineGrid: a grid for GridSample from affine matrices.</summary>
internal sealed class AffineGridOp() : OpDefinition<AffineGridProblem>(AffineGrid.Rows)
{
    public static AffineGridOp Definition { get; } = new() { Name = "AffineGrid", Since = 20, MinInputs = 2, MaxInputs = 2 };

    public override Oracle<AffineGridProblem> Oracle => AffineGrid.Evaluate;

    public override bool ReadsValues(NodeFacts node, int index) => index == 1;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact theta = node.Tensor(0);
        TypeSet.Float.Check(theta, 0);
        ImmutableArray<Dim> size = MovementFacts.List(node, 1, "size");
        if (!size.IsDefault)
            return [MovementFacts.Output(theta.Type, SymbolicShape.Create([.. Grid(theta.Shape, size), size.Length - 2]))];
        return MovementFacts.ListLength(node, 1) is { } rank && rank is 4 or 5
            ? [new TensorFact(theta.Type, SymbolicShape.Create([.. Enumerable.Range(0, (int)rank - 1).Select(_ => node.Fresh()), rank - 2]))]
            : [new TensorFact(theta.Type, null)];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType theta = node.Operand(0);
        ImmutableArray<long> size = MovementFacts.IntList(node, 1, "size");
        if (size.IsDefault)
            throw new OpException("size is not known");
        Grid(theta.Shape, [.. size.Select(s => (Dim)s)]);
        return new AffineGridProblem { Type = theta.Type, N = size[0], Out = size[2..], AlignCorners = node.Attributes.Flag("align_corners") };
    }

    public override Problem? ParseProblem(string key) => AffineGridProblem.Parse(key);

    // N and the spatial axes, checked.
    private static Dim[] Grid(SymbolicShape? theta, ImmutableArray<Dim> size)
    {
        if (size.Length is not (4 or 5) || size.Any(s => s.TryGetValue(out long n) && n < 0))
            throw new OpException($"size is [{string.Join(",", size)}], must be [n, c, h, w] or [n, c, d, h, w]");
        int axes = size.Length - 2;
        if (theta is not null && (theta.Rank != 3 || theta[1].IsKnown && !theta[1].Is(axes) || theta[2].IsKnown && !theta[2].Is(axes + 1)))
            throw new OpException($"theta has shape {theta}, must be [n, {axes}, {axes + 1}]");
        return [theta is null ? size[0] : MovementFacts.Merge(size[0], theta[0], "batches of theta and size"), .. size[2..]];
    }
}

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
