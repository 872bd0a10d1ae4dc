using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>com.microsoft UnfoldTensor: the windows of <c>size</c> elements, <c>step</c> apart, along axis <c>dim</c>; a window's elements become the last axis.</summary>
internal sealed class UnfoldTensorOp : StridedCopyOp
{
    public static UnfoldTensorOp Definition { get; } = new() { Domain = "com.microsoft", Name = "UnfoldTensor", MinInputs = 1, MaxInputs = 1 };

    public override string Word => "unfold";

    protected override SymbolicShape? OutputShape(NodeFacts node)
    {
        (long size, long step) = (node.Attributes.Int("size"), node.Attributes.Int("step", 1));
        if (size < 1 || step < 1)
            throw new OpException($"size {size} and step {step} must be at least 1");
        if (node.Tensor(0).Shape is not { } input)
            return null;
        int axis = Axis(node, input.Rank);
        if (input[axis].TryGetValue(out long extent) && extent < size)
            throw new OpException($"size is {size}, must be at most the {extent} elements of axis {axis}");
        return SymbolicShape.Create([.. input.Take(axis), Dim.FloorDiv(input[axis] - size, step) + 1, .. input.Skip(axis + 1), size]);
    }

    protected override CopyBox Box(NodeFacts node, Shape input, Shape output)
    {
        int axis = Axis(node, input.Rank);
        long[] steps = [.. ShapeMath.RowMajorStrides(input.AsSpan()), 0];
        steps[^1] = steps[axis];
        // One window takes no step, however long.
        steps[axis] = output[axis] > 1 ? ShapeMath.Multiply(steps[axis], node.Attributes.Int("step", 1)) : steps[axis];
        return CopyBox.Of(output, steps);
    }

    private static int Axis(NodeFacts node, int rank) =>
        rank > 0 ? ShapeMath.NormalizeAxis(node.Attributes.Int("dim", -1), rank) : throw new OpException("input is a scalar, must have at least 1 dimension");
}
