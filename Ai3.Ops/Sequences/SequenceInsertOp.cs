using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>SequenceInsert: the sequence with a tensor put in front of a position, by default at the end.</summary>
internal sealed class SequenceInsertOp : HostOp
{
    public static SequenceInsertOp V11 { get; } = new() { Name = "SequenceInsert", Since = 11, MinInputs = 2, MaxInputs = 3 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        SequenceFacts.CheckPosition(node, 2);
        return [new SequenceFact(SequenceFacts.Merge(node, SequenceFacts.Element(node, 0), SequenceFacts.Kind(node.Tensor(1))))];
    }

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Value?> inputs, HostMemory memory)
    {
        IReadOnlyList<Value> items = ((SequenceValue)inputs[0]!).Items;
        int at = inputs.Count > 2 && inputs[2] is { } position ? SequenceFacts.Position(position, items.Count, items.Count + 1) : items.Count;
        Value[] result = [.. items.Take(at), SequenceFacts.Copy(inputs[1]!), .. items.Skip(at)];
        return [new SequenceValue(SequenceFacts.RunTime(SequenceFacts.Kind(node.Tensor(1))), result)];
    }
}

/// <summary>SequenceErase: the sequence without the element at a position, by default the last.</summary>
internal sealed class SequenceEraseOp : HostOp
{
    public static SequenceEraseOp V11 { get; } = new() { Name = "SequenceErase", Since = 11, MinInputs = 1, MaxInputs = 2 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        SequenceFacts.CheckPosition(node, 1);
        return [new SequenceFact(SequenceFacts.Element(node, 0))];
    }

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Value?> inputs, HostMemory memory)
    {
        IReadOnlyList<Value> items = ((SequenceValue)inputs[0]!).Items;
        if (items.Count == 0)
            throw new OpException("an empty sequence has no element to erase");
        int at = inputs.Count > 1 && inputs[1] is { } position ? SequenceFacts.Position(position, items.Count, items.Count) : items.Count - 1;
        return [new SequenceValue(SequenceFacts.RunTime(SequenceFacts.Element(node, 0)), [.. items.Take(at), .. items.Skip(at + 1)])];
    }
}
