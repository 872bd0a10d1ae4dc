using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// GivenTensorFill, which old exporters wrote for constants: the values of an attribute under a shape that is an attribute, the input's own
/// shape or the input's values, followed by extra dimensions.
/// </summary>
internal sealed class GivenTensorFillOp : DataShapedOp
{
    public static GivenTensorFillOp V1 { get; } = new() { Name = "GivenTensorFill", MinInputs = 0, MaxInputs = 1 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node) => [new TensorFact(DType.Float32, ShapeOf(node) is { } shape ? shape : null)];

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Tensor?> inputs, long maxBytes)
    {
        Tensor result = Allocate(DType.Float32, ShapeOf(node)!.Value, maxBytes);
        Values(node).CopyTo(result.AsSpan<float>());
        return [result];
    }

    private static Shape? ShapeOf(NodeFacts node)
    {
        ImmutableArray<long> given = node.Attributes.Ints("shape"), extra = node.Attributes.Ints("extra_shape");
        bool byValue = node.Attributes.Flag("input_as_shape");
        if (given.IsDefault && !node.Has(0))
            throw new OpException("attribute shape is missing, and there is no input to take it from");
        if (given.IsDefault)
            given = byValue ? MovementFacts.IntList(node, 0, "the shape")
                : node.Tensor(0).Shape is { } like && like.TryGetShape(out Shape known) ? [.. known] : default;
        if (given.IsDefault)
            return null;
        var shape = Shape.Create([.. given, .. extra.IsDefault ? [] : extra]);
        return shape.Count == Values(node).Length ? shape
            : throw new OpException($"there are {Values(node).Length} values for shape {shape}, must be {shape.Count}");
    }

    private static ReadOnlySpan<float> Values(NodeFacts node) => node.Attributes.Floats("values") is { IsDefault: false } values ? values.AsSpan() : [];
}
