using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

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
