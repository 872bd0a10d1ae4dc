using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>SequenceAt: a copy of the element at a position, counted from the end if negative.</summary>
internal sealed class SequenceAtOp : HostOp
{
    public static SequenceAtOp V11 { get; } = new() { Name = "SequenceAt", Since = 11, MinInputs = 2, MaxInputs = 2 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        SequenceFacts.CheckPosition(node, 1);
        return [SequenceFacts.Element(node, 0)];
    }

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Value?> inputs, HostMemory memory)
    {
        var sequence = (SequenceValue)inputs[0]!;
        return [SequenceFacts.Copy(sequence.Items[SequenceFacts.Position(inputs[1]!, sequence.Items.Count, sequence.Items.Count)])];
    }
}

/// <summary>SequenceLength: how many elements, an i64 scalar.</summary>
internal sealed class SequenceLengthOp : HostOp
{
    public static SequenceLengthOp V11 { get; } = new() { Name = "SequenceLength", Since = 11, MinInputs = 1, MaxInputs = 1 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        SequenceFacts.Element(node, 0);
        return [new TensorFact(DType.Int64, Shape.Scalar)];
    }

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Value?> inputs, HostMemory memory) =>
        [Tensor.Scalar((long)((SequenceValue)inputs[0]!).Items.Count)];
}
