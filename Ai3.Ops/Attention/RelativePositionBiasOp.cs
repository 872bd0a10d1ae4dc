using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>com.microsoft RelativePositionBias: a learned bias for each head and each bucket of distances, laid out for all pairs of positions.</summary>
internal sealed class RelativePositionBiasOp() : OpDefinition<PositionBiasProblem>(PositionBiasAlgorithms.All)
{
    public static RelativePositionBiasOp Definition { get; } = new() { Domain = "com.microsoft", Name = "RelativePositionBias", MinInputs = 3, MaxInputs = 3 };

    public override bool ReadsValues(NodeFacts node, int index) => index > 0;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        DType type = node.Tensor(0).Type;
        if (type != DType.Undefined && !type.IsFloat())
            throw new OpException($"bias_table is {type.ShortName()}, must be f32, f64, f16 or bf16");
        if (node.Tensor(0).Shape is { } table)
        {
            if (table.Rank != 2)
                throw new OpException($"bias_table has shape {table}, must be [buckets,heads]");
            if (table[0].TryGetValue(out long buckets))
                CheckBuckets(buckets, node.Attributes.Int("max_distance"), node.Attributes.Flag("is_bidirectional"));
        }
        return [new TensorFact(type, [1, node.Tensor(0).Shape?[1] ?? node.Fresh(), Length(node, 1), Length(node, 2)])];
    }

    public override Problem CreateProblem(NodeFacts node) => new PositionBiasProblem
    {
        Table = node.Operand(0),
        Lengths = [node.Operand(1), node.Operand(2)],
        Queries = Length(node, 1).Value,
        Keys = Length(node, 2).Value,
        MaxDistance = node.Attributes.Int("max_distance"),
        Bidirectional = node.Attributes.Flag("is_bidirectional"),
        ConstantInputs = node.ConstantInputs,
    };

    public override Problem? ParseProblem(string key) => PositionBiasProblem.Parse(key);

    /// <summary>Demands buckets for near and far positions, and a distance beyond the near ones.</summary>
    internal static void CheckBuckets(long buckets, long maxDistance, bool bidirectional)
    {
        long aside = bidirectional ? buckets / 2 : buckets;
        if (aside < 2 || bidirectional && buckets % 2 != 0)
            throw new OpException($"bias_table has {buckets} buckets, must be {(bidirectional ? "an even number from 4" : "at least 2")}");
        if (maxDistance <= aside / 2 || maxDistance > int.MaxValue)
            throw new OpException($"max_distance is {maxDistance}, must be more than the {aside / 2} near positions");
    }

    private static Dim Length(NodeFacts node, int input)
    {
        if (node.Tensor(input).Type is not (DType.Int64 or DType.Undefined) and var type)
            throw new OpException($"input {input} is {type.ShortName()}, must be i64");
        if (node.Tensor(input).Shape is { } shape && shape.CountOf(..).TryGetValue(out long count) && count != 1)
            throw new OpException($"input {input} has shape {shape}, must be one number");
        ImmutableArray<Dim> elements = node.Elements(input);
        if (elements.IsDefault)
            return node.Fresh();
        return elements[0].TryGetValue(out long length) && length is < 0 or > int.MaxValue ? throw new OpException($"length is {length}, must be 0 to {int.MaxValue}") : elements[0];
    }
}

/// <summary>y [1, heads, queries, keys] = table[bucket(key - query), head], table [buckets, heads]; the lengths are read beforehand.</summary>
public sealed record PositionBiasProblem : Problem
{
    private const string Name = "positionbias";

    /// <summary>[buckets, heads].</summary>
    public required TensorType Table { get; init; }

    /// <summary>The inputs that hold the lengths.</summary>
    public required ImmutableArray<TensorType> Lengths { get; init; }

    /// <summary>Query positions.</summary>
    public required long Queries { get; init; }

    /// <summary>Key positions.</summary>
    public required long Keys { get; init; }

    /// <summary>The distance from which all are one bucket.</summary>
    public required long MaxDistance { get; init; }

    /// <summary>Whether half of the buckets are for keys after the query.</summary>
    public required bool Bidirectional { get; init; }

    /// <summary>Buckets on one side.</summary>
    internal long Buckets => Bidirectional ? Table.Shape[0] / 2 : Table.Shape[0];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => [Table, .. Lengths];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => [new TensorType(Table.Type, [1, Table.Shape[1], Queries, Keys])];

    /// <inheritdoc/>
    public override double Flops => Outputs[0].Shape.Count;

    /// <inheritdoc/>
    public override string Key => MovementKey.Write(Name, Inputs, Outputs, MovementKey.Word("max", MaxDistance), Bidirectional ? "both" : "");

    /// <summary>Reads a key, or gives null.</summary>
    public static PositionBiasProblem? Parse(string key) => MovementKeyReader.Read(key, Name, static r =>
    {
        if (r.Inputs.Length != 3 || r.Input(0) is not { Shape.Rank: 2 } table || !table.Type.IsFloat() || r.Output(0).Shape is not { Rank: 4 } y
            || r.Inputs.Skip(1).Any(t => t.Type != DType.Int64 || t.Shape.Count != 1) || y[2] > int.MaxValue || y[3] > int.MaxValue)
            throw new FormatException("operands do not fit");
        RelativePositionBiasOp.CheckBuckets(table.Shape[0], r.Int("max"), r.Has("both"));
        return new PositionBiasProblem { Table = table, Lengths = r.Inputs[1..], Queries = y[2], Keys = y[3], MaxDistance = r.Int("max"), Bidirectional = r.Has("both") };
    });
}
