using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// grid[n, o..., :] = theta[n] (x, y, 1) or theta[n] (x, y, z, 1), where x, y, z run evenly over the innermost, the next and the outermost axis: from -1 to 1 with
/// AlignCorners, otherwise between the outer edges of as many cells. The only cell of an aligned axis is at -1.
/// </summary>
internal sealed record AffineGridProblem : Problem
{
    public const string Name = "affinegrid";

    public required DType Type { get; init; }

    public required long N { get; init; }

    /// <summary>Two or three axes, outermost first.</summary>
    public required ImmutableArray<long> Out { get; init; }

    public bool AlignCorners { get; init; }

    public override ImmutableArray<TensorType> Inputs => [new TensorType(Type, [N, Out.Length, Out.Length + 1])];

    public override ImmutableArray<TensorType> Outputs => [new TensorType(Type, Shape.Create([N, .. Out, Out.Length]))];

    public override double Flops => 2.0 * Out.Length * Outputs[0].Shape.Count;

    public override string Key => $"{Name}/{Type.ShortName()} n{N} out{KeyWords.Join(Out)}" + (AlignCorners ? " align" : "");

    public static AffineGridProblem? Parse(string key) =>
        KeyWords.Parse(key) is not { Name: Name } words || !words.Type.IsFloat() || words.Int("n") is not (>= 0 and var n) || words.Ints("out", 0) is not { Length: 2 or 3 } output
            ? null : new AffineGridProblem { Type = words.Type, N = n, Out = output, AlignCorners = words.Has("align") };
}
