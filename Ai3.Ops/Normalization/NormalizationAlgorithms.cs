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
            Supports = NormalizationTwoPass.Supports,
            CostHint = NormalizationTwoPass.CostHint,
            Error = NormalizationTwoPass.Error,
            InPlace = static _ => [(0, 0)],
            Bind = NormalizationTwoPass.Bind,
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
}
