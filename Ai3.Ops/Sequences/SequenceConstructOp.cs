using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>SequenceConstruct: a sequence of the inputs.</summary>
internal sealed class SequenceConstructOp : HostOp
{
    public static SequenceConstructOp V11 { get; } = new() { Name = "SequenceConstruct", Since = 11, MinInputs = 1, MaxInputs = int.MaxValue };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        ValueFact element = SequenceFacts.Kind(node.Tensor(0));
        for (int i = 1; i < node.Inputs.Length; i++)
            element = SequenceFacts.Merge(node, element, node.Tensor(i));
        return [new SequenceFact(element)];
    }

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Value?> inputs, HostMemory memory) =>
        [new SequenceValue(new TensorFact(node.Tensor(0).Type, null), [.. inputs.Select(v => SequenceFacts.Copy(v!))])];
}

/// <summary>SequenceEmpty: a sequence of no tensors of the type that dtype names.</summary>
internal sealed class SequenceEmptyOp : HostOp
{
    public static SequenceEmptyOp V11 { get; } = new() { Name = "SequenceEmpty", Since = 11, MinInputs = 0, MaxInputs = 0 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        long type = node.Attributes.Int("dtype", (long)DType.Float32);
        if (type is < 0 or > int.MaxValue || !((DType)type).IsDefined())
            throw new OpException($"dtype is {type}, must be the number of an element type");
        return [new SequenceFact(new TensorFact((DType)type, null))];
    }

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Value?> inputs, HostMemory memory) =>
        [new SequenceValue(((SequenceFact)Infer(node)[0]).Element, [])];
}
