using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The distance of every row of a [m, k] from every row of b [n, k]: y [m, n].</summary>
public sealed record CDistProblem : Problem
{
    private const string Name = "cdist";

    /// <summary>a [m, k].</summary>
    public required TensorType A { get; init; }

    /// <summary>b [n, k].</summary>
    public required TensorType B { get; init; }

    /// <summary>Whether the sum of squares is the result, rather than its root.</summary>
    public required bool Squared { get; init; }

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => [A, B];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => [new TensorType(A.Type, [A.Shape[0], B.Shape[0]])];

    /// <inheritdoc/>
    public override double Flops => 3.0 * A.Shape[0] * B.Shape[0] * A.Shape[1];

    /// <inheritdoc/>
    public override string Key => MovementKey.Write(Name, Inputs, Outputs, Squared ? "squared" : "");

    /// <summary>Reads a key, or gives null.</summary>
    public static CDistProblem? Parse(string key) => MovementKeyReader.Read(key, Name, static r =>
        r.Input(0) is { Type: DType.Float32 or DType.Float64, Shape.Rank: 2 } a && r.Input(1) is { Shape.Rank: 2 } b && a.Type == b.Type && a.Shape[1] == b.Shape[1]
            ? new CDistProblem { A = a, B = b, Squared = r.Has("squared") } : throw new FormatException("operands do not fit"));
}
