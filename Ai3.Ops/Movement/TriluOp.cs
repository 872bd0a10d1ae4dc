using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The upper (column >= row + k) or lower (column &lt;= row + k) triangle of matrices, zeros elsewhere; k is read at run time.</summary>
internal sealed record TriluProblem : Problem
{
    public const string Name = "trilu";

    public required TensorType Data { get; init; }

    /// <summary>One i64, or absent for 0.</summary>
    public required TensorType K { get; init; }

    public required bool Upper { get; init; }

    public override ImmutableArray<TensorType> Inputs => [Data, K];

    public override ImmutableArray<TensorType> Outputs => [Data];

    public override string Key => MovementKey.Write(Name, Inputs, Outputs, Upper ? "upper" : "lower");

    public static TriluProblem? Parse(string key) => MovementKeyReader.Read(key, Name, static r => Create(r.Input(0), r.Input(1), r.Has("upper")));

    /// <exception cref="OpException">Types or shapes do not fit.</exception>
    public static TriluProblem Create(TensorType data, TensorType k, bool upper)
    {
        if (data.Shape.Rank < 2)
            throw new OpException($"input is {data}, must have rank 2 or more");
        if (!k.IsAbsent && (k.Type != DType.Int64 || k.Shape.Count != 1))
            throw new OpException($"k is {k}, must be one i64");
        return new TriluProblem { Data = data, K = k, Upper = upper };
    }
}

/// <summary>Trilu: a triangle of each matrix in the last two axes.</summary>
internal sealed class TriluOp() : OpDefinition<TriluProblem>(TriluAlgorithms.All)
{
    public static TriluOp V14 { get; } = new() { Name = "Trilu", Since = 14, MinInputs = 1, MaxInputs = 2 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact data = node.Tensor(0);
        MovementFacts.RequireWholeBytes("Trilu", data.Type);
        if (data.Shape is { Rank: < 2 })
            throw new OpException($"input is {data}, must have rank 2 or more");
        return [new TensorFact(data.Type, data.Shape)];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType data = node.Operand(0), k = node.Operand(1);
        MovementFacts.RequireWholeBytes("Trilu", data.Type);
        return TriluProblem.Create(data, k, node.Attributes.Flag("upper", fallback: true)) with { ConstantInputs = node.ConstantInputs };
    }

    public override Problem? ParseProblem(string key) => TriluProblem.Parse(key);
}
