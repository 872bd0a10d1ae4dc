using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Optional: the input as an optional, or an absent one of the type that attribute type names.</summary>
internal sealed class OptionalOp : HostOp
{
    public static OptionalOp V15 { get; } = new() { Name = "Optional", Since = 15, MinInputs = 0, MaxInputs = 1 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node) => [new OptionalFact(Element(node))];

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Value?> inputs, HostMemory memory) =>
        [new OptionalValue(SequenceFacts.RunTime(Element(node)), inputs.Count > 0 && inputs[0] is { } value ? SequenceFacts.Copy(value) : null)];

    private static ValueFact Element(NodeFacts node)
    {
        if (!node.Has(0))
            return node.Attributes.Values.GetValueOrDefault("type") as ValueFact ?? throw new OpException("an optional needs an input or attribute type");
        return node.Inputs[0] is OptionalFact optional ? throw new OpException($"input 0 is {optional}, must be a tensor or a sequence") : SequenceFacts.Kind(node.Inputs[0]!);
    }
}

/// <summary>OptionalGetElement: what an optional holds; from opset 18 also a tensor or sequence itself.</summary>
internal sealed class OptionalGetElementOp : HostOp
{
    public static OptionalGetElementOp V15 { get; } = new() { Name = "OptionalGetElement", Since = 15, MinInputs = 1, MaxInputs = 1 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node) =>
        [node.Has(0) ? node.Inputs[0] is OptionalFact optional ? optional.Element : SequenceFacts.Kind(node.Inputs[0]!) : throw new OpException("input 0 is missing")];

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Value?> inputs, HostMemory memory)
    {
        Value? content = inputs[0] is OptionalValue optional ? optional.Content : inputs[0];
        return [SequenceFacts.Copy(content ?? throw new OpException("the optional is empty and has no element"))];
    }
}

/// <summary>OptionalHasElement: whether there is a value, a bool scalar; from opset 18 true for tensors and sequences, false without input.</summary>
internal sealed class OptionalHasElementOp : HostOp
{
    public static OptionalHasElementOp V15 { get; } = new() { Name = "OptionalHasElement", Since = 15, MinInputs = 0, MaxInputs = 1 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node) => [new TensorFact(DType.Bool, Shape.Scalar)];

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Value?> inputs, HostMemory memory) =>
        [Tensor.Scalar(inputs.Count > 0 && inputs[0] is { } value and not OptionalValue { Content: null })];
}
