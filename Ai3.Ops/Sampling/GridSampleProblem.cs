using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// y[n, c, o...] = x[n, c, ...] sampled at grid[n, o..., :], whose coordinates run from -1 to 1 and name the innermost axis first.
/// </summary>
/// <remarks>A coordinate that is NaN, or that reflection makes NaN, gives NaN; Nearest takes halves to the even sample.</remarks>
internal sealed record GridSampleProblem : Problem
{
    public const string Name = "gridsample";

    public required DType Type { get; init; }

    public required DType GridType { get; init; }

    public required long N { get; init; }

    public required long C { get; init; }

    /// <summary>The spatial axes of x, outermost first.</summary>
    public required ImmutableArray<long> In { get; init; }

    /// <summary>The spatial axes of y; as many as of x.</summary>
    public required ImmutableArray<long> Out { get; init; }

    public required ResizeMode Mode { get; init; }

    public required GridPadding Padding { get; init; }

    /// <summary>Whether -1 and 1 are the centres of the first and last samples, not their outer edges.</summary>
    public bool AlignCorners { get; init; }

    public override ImmutableArray<TensorType> Inputs =>
        [new TensorType(Type, Shape.Create([N, C, .. In])), new TensorType(GridType, Shape.Create([N, .. Out, In.Length]))];

    public override ImmutableArray<TensorType> Outputs => [new TensorType(Type, Shape.Create([N, C, .. Out]))];

    public double Taps => Math.Pow(Mode switch { ResizeMode.Nearest => 1, ResizeMode.Linear => 2, _ => 4 }, In.Length);

    public override double Flops => 2 * Taps * N * C * Out.Aggregate(1.0, (n, d) => n * d);

    public override string Key => $"{Name}/{Type.ShortName()} grid{GridType.ShortName()} n{N} c{C} in{KeyWords.Join(In)} out{KeyWords.Join(Out)}"
        + $" {Mode.ToString().ToLowerInvariant()} {Padding.ToString().ToLowerInvariant()}" + (AlignCorners ? " align" : "");

    public static GridSampleProblem? Parse(string key)
    {
        if (KeyWords.Parse(key) is not { Name: Name } words || words.Int("n") is not (>= 0 and var n) || words.Int("c") is not (>= 0 and var c)
            || words.Ints("in", 0) is not { Length: > 0 } input || words.Ints("out", 0) is not { } output || input.Length != output.Length)
            return null;
        foreach (ResizeMode mode in Enum.GetValues<ResizeMode>())
            foreach (GridPadding padding in Enum.GetValues<GridPadding>())
                foreach (DType grid in (DType[])[DType.Float32, DType.Float64, DType.Float16, DType.BFloat16])
                    if (words.Has(mode.ToString().ToLowerInvariant()) && words.Has(padding.ToString().ToLowerInvariant()) && key.Contains($" grid{grid.ShortName()} ", StringComparison.Ordinal))
                        return new GridSampleProblem
                        {
                            Type = words.Type,
                            GridType = grid,
                            N = n,
                            C = c,
                            In = input,
                            Out = output,
                            Mode = mode,
                            Padding = padding,
                            AlignCorners = words.Has("align"),
                        };
        return null;
    }
}
