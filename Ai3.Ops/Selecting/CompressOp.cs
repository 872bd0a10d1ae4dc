using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Compress: the slices along an axis, or the elements of the flattened input, where the condition is true.</summary>
internal sealed class CompressOp : DataShapedOp
{
    public static CompressOp V9 { get; } = new() { Name = "Compress", Since = 9, MinInputs = 2, MaxInputs = 2 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact input = node.Tensor(0), condition = node.Tensor(1);
        TypeSet.Any.Check(input, 0);
        TypeSet.Bool.Check(condition, 1);
        if (condition.Shape is { Rank: not 1 })
            throw new OpException($"condition has shape {condition.Shape}, must be a list");
        if (!node.Attributes.Has("axis"))
            return [new TensorFact(input.Type, [node.Fresh()])];
        if (input.Shape is null)
            return [new TensorFact(input.Type, null)];
        Dim[] dims = [.. input.Shape];
        dims[ShapeMath.NormalizeAxis(node.Attributes.Int("axis"), dims.Length)] = node.Fresh();
        return [new TensorFact(input.Type, SymbolicShape.Create(dims))];
    }

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Tensor?> inputs, long maxBytes)
    {
        Tensor x = inputs[0]!;
        bool flat = !node.Attributes.Has("axis");
        Shape shape = flat ? [x.Count] : x.Shape;
        int axis = flat ? 0 : ShapeMath.NormalizeAxis(node.Attributes.Int("axis"), shape.Rank);
        List<long> kept = Kept(inputs[1]!, shape[axis]);
        long outer = shape.CountOf(..axis), inner = shape.CountOf((axis + 1)..);
        long[] dims = shape.ToArray();
        dims[axis] = kept.Count;
        Tensor result = Allocate(x.Type, Shape.Create(dims), maxBytes);
        if (inner == 0)
            return [result];
        long to = 0;
        for (long o = 0; o < outer; o++)
            foreach (long index in kept)
            {
                CopyElements(x, (o * shape[axis] + index) * inner, result, to, inner);
                to += inner;
            }
        return [result];
    }

    private static List<long> Kept(Tensor condition, long extent)
    {
        var kept = new List<long>();
        Span<byte> flags = condition.AsBytes();
        for (int i = 0; i < flags.Length; i++)
            if (flags[i] != 0)
                kept.Add(i < extent ? i : throw new OpException($"condition is true at {i}, but there are only {extent} to choose from"));
        return kept;
    }
}
