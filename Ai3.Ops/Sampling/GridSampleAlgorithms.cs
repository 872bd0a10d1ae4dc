using System.Collections.Immutable;

namespace Ai3.Ops;

internal static class GridSampleAlgorithms
{
    /// <summary>Every way to sample by a grid. Order is the tie-break.</summary>
    public static readonly ImmutableArray<Algorithm<GridSampleProblem>> All =
    [
        new()
        {
            Name = "taps",
            Source = "weights found once for all channels, sums in double",
            Needs = "f32, f64, f16, bf16, i8, u8; at most 3 spatial axes",
            Supports = GridSampleTaps.Supports,
            CostHint = GridSampleTaps.CostHint,
            Error = GridSampleTaps.Error,
            Bind = GridSampleTaps.Bind,
        },
        ReferenceAlgorithm.Of<GridSampleProblem>(GridSampleOracle.Evaluate),
    ];
}
