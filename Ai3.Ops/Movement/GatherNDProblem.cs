using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>output[batch, tuples, slice] = data[batch, tuple, slice], where the last axis of the indices holds the tuple.</summary>
internal sealed record GatherNDProblem : Problem
{
    public const string Name = "gather_nd";

    public required TensorType Data { get; init; }

    /// <summary>i32 or i64 [batch..., tuples..., k].</summary>
    public required TensorType Indices { get; init; }

    public required int BatchDims { get; init; }

    public required TensorType Output { get; init; }

    public override ImmutableArray<TensorType> Inputs => [Data, Indices];

    public override ImmutableArray<TensorType> Outputs => [Output];

    public override string Key => MovementKey.Write(Name, Inputs, Outputs, MovementKey.Word("batch", BatchDims));

    public static GatherNDProblem? Parse(string key) => MovementKeyReader.Read(key, Name, static r => Create(r.Input(0), r.Input(1), r.Int("batch")));

    /// <exception cref="OpException">Types or shapes contradict each other.</exception>
    public static GatherNDProblem Create(TensorType data, TensorType indices, long batchDims)
    {
        MovementFacts.RequireIndexType(indices.Type, "indices");
        TensorType output = MovementFacts.Operand(data.Type, TupleIndices.SlicesShape(data.Shape, indices.Shape, batchDims));
        return new GatherNDProblem { Data = data, Indices = indices, BatchDims = (int)batchDims, Output = output };
    }
}
