using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Zeros, and each x at the place that its index names: a flat index into [n, c, Grid...], which the output holds in its first corner.
/// Of equal indices the last one counts.
/// </summary>
internal sealed record MaxUnpoolProblem : Problem
{
    public const string Name = "maxunpool";

    public required DType Type { get; init; }

    /// <summary>The shape of x and of the indices.</summary>
    public required Shape In { get; init; }

    /// <summary>The shape that indices count in.</summary>
    public required Shape Grid { get; init; }

    /// <summary>The output's shape, along no axis smaller than <see cref="Grid"/>.</summary>
    public required Shape Out { get; init; }

    public override ImmutableArray<TensorType> Inputs => [new TensorType(Type, In), new TensorType(DType.Int64, In)];

    public override ImmutableArray<TensorType> Outputs => [new TensorType(Type, Out)];

    public override string Key => $"{Name}/{Type.ShortName()} in{KeyWords.Join(In)} grid{KeyWords.Join(Grid)} out{KeyWords.Join(Out)}";

    public static MaxUnpoolProblem? Parse(string key) =>
        KeyWords.Parse(key) is not { Name: Name } words || !words.Type.IsFloat() || words.Shape("in") is not { } input || words.Shape("grid") is not { } grid || words.Shape("out") is not { } output
            || input.Rank != grid.Rank || grid.Rank != output.Rank || grid.Zip(output).Any(p => p.First > p.Second)
            ? null : new MaxUnpoolProblem { Type = words.Type, In = input, Grid = grid, Out = output };
}
