using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Shape: the input's dimensions, from opset 15 those in [start, end).</summary>
internal sealed class ShapeOp() : OpDefinition<ShapeValueProblem>(ShapeValueAlgorithms.All)
{
    private const string Word = "shape";

    public static ShapeOp V1 { get; } = new() { Name = "Shape", MinInputs = 1, MaxInputs = 1 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        if (node.Tensor(0).Shape is not { } shape)
            return [new TensorFact(DType.Int64, [node.Fresh()])];
        (int start, int end) = Range(node, shape.Rank);
        ImmutableArray<Dim> dims = [.. shape.AsSpan()[start..end]];
        return [MovementFacts.Output(DType.Int64, [dims.Length], dims)];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType input = node.Operand(0);
        (int start, int end) = Range(node, input.Shape.Rank);
        return new ShapeValueProblem { Name = Word, Input = input, Values = [.. input.Shape.AsSpan()[start..end]] };
    }

    public override Problem? ParseProblem(string key) => ShapeValueProblem.Parse(key, Word);

    private static (int Start, int End) Range(NodeFacts node, int rank)
    {
        int start = Clamp(node.Attributes.Int("start", 0), rank);
        return (start, Math.Max(start, Clamp(node.Attributes.Int("end", rank), rank)));
    }

    private static int Clamp(long position, int rank) => (int)Math.Clamp(position < 0 ? position + rank : position, 0, rank);
}

/// <summary>Size: the number of the input's elements.</summary>
internal sealed class SizeOp() : OpDefinition<ShapeValueProblem>(ShapeValueAlgorithms.All)
{
    private const string Word = "size";

    public static SizeOp V1 { get; } = new() { Name = "Size", MinInputs = 1, MaxInputs = 1 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node) =>
        [MovementFacts.Output(DType.Int64, Shape.Scalar, node.Tensor(0).Shape is { } shape ? [Count(shape)] : default)];

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType input = node.Operand(0);
        return new ShapeValueProblem { Name = Word, Input = input, Values = [input.Shape.Count], IsScalar = true };
    }

    public override Problem? ParseProblem(string key) => ShapeValueProblem.Parse(key, Word);

    private static Dim Count(SymbolicShape shape) => shape.TryGetShape(out Shape known) ? known.Count : shape.CountOf(..);
}
