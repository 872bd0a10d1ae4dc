using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>com.microsoft BiasSplitGelu: of x + bias, the first half of the last axis times the GELU of the second.</summary>
internal sealed class BiasSplitGeluOp() : OpDefinition<BiasSplitGeluProblem>(BiasSplitGeluAlgorithms.All)
{
    public static BiasSplitGeluOp Definition { get; } = new() { Domain = "com.microsoft", Name = "BiasSplitGelu", MinInputs = 2, MaxInputs = 2 };

    public override Oracle<BiasSplitGeluProblem> Oracle => BiasSplitGeluAlgorithms.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        DType type = node.SameType(0, 1);
        if (type != DType.Undefined && !type.IsFloat())
            throw new OpException($"inputs are {type.ShortName()}, must be f32, f64, f16 or bf16");
        if (node.Tensor(0).Shape is not { } x)
            return [new TensorFact(type, null)];
        if (x.Rank == 0 || x[^1].TryGetValue(out long width) && width % 2 != 0)
            throw new OpException($"input 0 has shape {x}, must have an even last dimension");
        if (node.Tensor(1).Shape is { } bias && (bias.Rank != 1 || bias[0].IsKnown && x[^1].IsKnown && bias[0] != x[^1]))
            throw new OpException($"bias has shape {bias}, must be [{x[^1]}]");
        return [new TensorFact(type, SymbolicShape.Create([.. x.Take(x.Rank - 1), Dim.FloorDiv(x[^1], 2)]))];
    }

    public override Problem CreateProblem(NodeFacts node) => new BiasSplitGeluProblem { X = node.Operand(0), ConstantInputs = node.ConstantInputs };

    public override Problem? ParseProblem(string key) => BiasSplitGeluProblem.Parse(key);
}

/// <summary>y [.., w] = (x + bias)[.., :w] * gelu((x + bias)[.., w:]), x [.., 2w], bias [2w].</summary>
public sealed record BiasSplitGeluProblem : Problem
{
    private const string Name = "biassplitgelu";

    /// <summary>x [.., 2w].</summary>
    public required TensorType X { get; init; }

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => [X, new TensorType(X.Type, [X.Shape[^1]])];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => [new TensorType(X.Type, Shape.Create([.. X.Shape.AsSpan()[..^1], X.Shape[^1] / 2]))];

    /// <inheritdoc/>
    public override double Flops => 10.0 * X.Shape.Count;

    /// <inheritdoc/>
    public override string Key => MovementKey.Write(Name, Inputs, Outputs);

    /// <summary>Reads a key, or gives null.</summary>
    public static BiasSplitGeluProblem? Parse(string key) => MovementKeyReader.Read(key, Name, static r =>
        r.Input(0) is { Shape.Rank: > 0 } x && x.Type.IsFloat() && x.Shape[^1] % 2 == 0 ? new BiasSplitGeluProblem { X = x } : throw new FormatException("operands do not fit"));
}
