using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The first lens[b] elements along the time axis of each batch entry reversed; time and batch are axes 0 and 1 in either order.</summary>
internal sealed record ReverseSequenceProblem : Problem
{
    public const string Name = "reverse_sequence";

    public required TensorType Data { get; init; }

    /// <summary>i64 [batch], each from 0 to the time axis' extent, read at run time.</summary>
    public required TensorType Lengths { get; init; }

    /// <summary>0 or 1; the batch axis is the other.</summary>
    public required int TimeAxis { get; init; }

    public override ImmutableArray<TensorType> Inputs => [Data, Lengths];

    public override ImmutableArray<TensorType> Outputs => [Data];

    public override string Key => MovementKey.Write(Name, Inputs, Outputs, MovementKey.Word("axis", TimeAxis));

    public static ReverseSequenceProblem? Parse(string key) => MovementKeyReader.Read(key, Name, static r => Create(r.Input(0), r.Input(1), r.Axis));

    /// <exception cref="OpException">Types or shapes do not fit.</exception>
    public static ReverseSequenceProblem Create(TensorType data, TensorType lengths, int timeAxis)
    {
        ReverseSequenceOp.CheckShapes(data.Shape, lengths.Shape, timeAxis);
        if (lengths.Type != DType.Int64)
            throw new OpException($"sequence_lens is {lengths}, must be i64");
        return new ReverseSequenceProblem { Data = data, Lengths = lengths, TimeAxis = timeAxis };
    }
}

/// <summary>ReverseSequence: reverses the beginnings of sequences of different lengths.</summary>
internal sealed class ReverseSequenceOp() : OpDefinition<ReverseSequenceProblem>(ReverseSequenceAlgorithms.All)
{
    public static ReverseSequenceOp V10 { get; } = new() { Name = "ReverseSequence", Since = 10, MinInputs = 2, MaxInputs = 2 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact data = node.Tensor(0), lengths = node.Tensor(1);
        MovementFacts.RequireWholeBytesOrStrings("ReverseSequence", data.Type);
        int time = TimeAxis(node);
        if (data.Shape is not null && lengths.Shape is not null)
            CheckShapes(data.Shape, lengths.Shape, time);
        return [new TensorFact(data.Type, data.Shape)];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType data = node.Operand(0);
        MovementFacts.RequireWholeBytesOrStrings("ReverseSequence", data.Type);
        return ReverseSequenceProblem.Create(data, node.Operand(1), TimeAxis(node)) with { ConstantInputs = node.ConstantInputs };
    }

    public override bool RunsOnHost(NodeFacts node) => StringMoves.Applies(node);

    public override Value[] RunOnHost(NodeFacts node, IReadOnlyList<Value?> inputs, long maxBytes) => StringMoves.Run(this, node, inputs, maxBytes);

    public override Problem? ParseProblem(string key) => ReverseSequenceProblem.Parse(key);

    /// <exception cref="OpException">The shapes contradict each other.</exception>
    public static void CheckShapes(SymbolicShape data, SymbolicShape lengths, int timeAxis)
    {
        if (data.Rank < 2 || lengths.Rank != 1 || timeAxis is not (0 or 1))
            throw new OpException($"data {data} must have rank 2 or more, sequence_lens {lengths} rank 1");
        MovementFacts.Merge(data[1 - timeAxis], lengths[0], $"batch axis {1 - timeAxis} of {data} and sequence_lens");
    }

    private static int TimeAxis(NodeFacts node)
    {
        long batch = node.Attributes.Int("batch_axis", 1), time = node.Attributes.Int("time_axis", 0);
        return (time, batch) is (0, 1) or (1, 0) ? (int)time : throw new OpException($"time_axis {time} and batch_axis {batch} must be 0 and 1 in either order");
    }
}
