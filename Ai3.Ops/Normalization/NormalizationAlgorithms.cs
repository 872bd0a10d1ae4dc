using System.Collections.Immutable;

namespace Ai3.Ops;

internal static class NormalizationAlgorithms
{
    /// <summary>Every way to normalise rows by their own statistics. Order is the tie-break.</summary>
    public static readonly ImmutableArray<Algorithm<NormalizationProblem>> All =
    [
        new()
        {
            Name = "two_pass",
            Source = "corrected two-pass: Chan, Golub and LeVeque 1983",
            Needs = "f32, rows on at most two axes",
            Supports = NormalizationDriver<NormalizationTwoPass>.Supports,
            CostHint = NormalizationTwoPass.CostHint,
            Error = NormalizationTwoPass.Error,
            InPlace = static _ => [(0, 0)],
            Bind = NormalizationDriver<NormalizationTwoPass>.Bind,
        },
        new()
        {
            Name = "welford",
            Source = "Welford 1962, by blocks: Chan, Golub and LeVeque 1979",
            Needs = "f32, a mean to subtract, rows on at most two axes",
            Supports = NormalizationWelford.Supports,
            CostHint = NormalizationWelford.CostHint,
            Error = NormalizationWelford.Error,
            InPlace = static _ => [(0, 0)],
            Bind = NormalizationDriver<NormalizationWelford>.Bind,
        },
        new()
        {
            Name = "one_pass",
            Source = "sums of x and x^2 in double, shifted: Chan, Golub and LeVeque 1983",
            Needs = "f32, a mean to subtract, rows on at most two axes",
            Supports = NormalizationOnePass.Supports,
            CostHint = NormalizationOnePass.CostHint,
            Error = NormalizationOnePass.Error,
            InPlace = static _ => [(0, 0)],
            Bind = NormalizationDriver<NormalizationOnePass>.Bind,
        },
        new()
        {
            Name = "two_pass_strided",
            Source = "corrected two-pass, a lane for each row: Chan, Golub and LeVeque 1983",
            Needs = "f32, rows beside each other without scale and bias, or InstanceNormalization in channel blocks",
            Layouts = "plain; blocked for InstanceNormalization",
            Supports = NormalizationStrided.Supports,
            Formats = NormalizationStrided.Formats,
            CostHint = NormalizationStrided.CostHint,
            Error = NormalizationStrided.Error,
            InPlace = static _ => [(0, 0)],
            Bind = NormalizationStrided.Bind,
        },
        new()
        {
            Name = "scalar",
            Source = "the definition, in double",
            Needs = "one element type, rows on at most two axes",
            Supports = NormalizationScalar.Supports,
            CostHint = NormalizationScalar.CostHint,
            Error = static (_, _) => ErrorBound.Relative(2),
            InPlace = static _ => [(0, 0)],
            Bind = NormalizationScalar.Bind,
        },
        ReferenceAlgorithm.Of<NormalizationProblem>(NormalizationOracle.Evaluate),
    ];

    /// <summary>For operators whose rows are never beside each other: statistics over the last axes, scale and bias along them.</summary>
    public static readonly ImmutableArray<Algorithm<NormalizationProblem>> LastAxes = [.. All.Where(a => a.Name != "two_pass_strided")];

    /// <summary>Of <see cref="LastAxes"/>, those that subtract no mean.</summary>
    public static readonly ImmutableArray<Algorithm<NormalizationProblem>> LastAxesUncentred = [.. LastAxes.Where(SubtractsNoMean)];

    /// <summary>Of <see cref="All"/>, those that subtract no mean.</summary>
    public static readonly ImmutableArray<Algorithm<NormalizationProblem>> Uncentred = [.. All.Where(SubtractsNoMean)];

    private static bool SubtractsNoMean(Algorithm row) => row.Name is not ("welford" or "one_pass");
}
