using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Col2Im.</summary>
internal sealed class Col2ImOp() : OpDefinition<Col2ImProblem>(Col2Im.Rows)
{
    public static Col2ImOp Definition { get; } = new() { Name = "Col2Im", Since = 18, MinInputs = 3, MaxInputs = 3 };

    public override Oracle<Col2ImProblem> Oracle => Col2Im.Evaluate;

    public override bool ReadsValues(NodeFacts node, int index) => index is 1 or 2;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact x = node.Tensor(0);
        TypeSet.Numeric.Check(x, 0);
        if (x.Shape is { Rank: not 3 })
            throw new OpException($"input 0 has shape {x.Shape}, must have 3 dimensions");
        ImmutableArray<long> image = MovementFacts.IntList(node, 1, "image_shape"), block = MovementFacts.IntList(node, 2, "block_shape");
        if (image.IsDefault || block.IsDefault)
            return [new TensorFact(x.Type, null)];
        Windows(image, block, node);
        long taps = block.Aggregate(1L, ShapeMath.Multiply);
        Dim channels = x.Shape is null ? node.Fresh() : Dim.FloorDiv(x.Shape[1], taps);
        if (x.Shape is not null && x.Shape[1].TryGetValue(out long rows) && rows % taps != 0)
            throw new OpException($"input 0 has {rows} rows, must be a multiple of the block's {taps} elements");
        return [MovementFacts.Output(x.Type, SymbolicShape.Create([x.Shape?[0] ?? node.Fresh(), channels, .. image.Select(d => (Dim)d)]))];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType x = node.Operand(0);
        ImmutableArray<long> image = MovementFacts.IntList(node, 1, "image_shape"), block = MovementFacts.IntList(node, 2, "block_shape");
        if (image.IsDefault || block.IsDefault)
            throw new OpException("image_shape and block_shape are not known");
        ImmutableArray<WindowAxis> axes = Windows(image, block, node);
        long taps = block.Aggregate(1L, ShapeMath.Multiply);
        if (x.Shape.Rank != 3 || x.Shape[1] % taps != 0)
            throw new OpException($"input 0 has shape {x.Shape}, must be [n, c * {taps}, blocks]");
        var problem = new Col2ImProblem { Type = x.Type, N = x.Shape[0], C = x.Shape[1] / taps, Axes = axes };
        if (problem.Blocks != x.Shape[2])
            throw new OpException($"input 0 has {x.Shape[2]} blocks, must have {problem.Blocks}: those of [{string.Join(",", block)}] in [{string.Join(",", image)}]");
        return problem;
    }

    public override Problem? ParseProblem(string key) => Col2ImProblem.Parse(key);

    private static ImmutableArray<WindowAxis> Windows(ImmutableArray<long> image, ImmutableArray<long> block, NodeFacts node)
    {
        if (image.IsEmpty || image.Length != block.Length || image.Concat(block).Any(d => d is < 1 or > WindowAttributes.Limit))
            throw new OpException($"image_shape [{string.Join(",", image)}] and block_shape [{string.Join(",", block)}] must be as long as each other and positive");
        var window = WindowAttributes.Read(node.Attributes, image.Length, block);
        return [.. image.Select((length, i) => window.Resolve(i, length, ceil: false))];
    }
}
