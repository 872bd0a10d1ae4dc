using System.Collections.Immutable;

namespace Ai3.Ops;

internal static class PoolingAlgorithms
{
    private const string MaximumOnly = "van_herk", SumOnly = "running_sum";

    // Order is the tie-break.
    private static readonly ImmutableArray<Algorithm<PoolingProblem>> s_all =
    [
        new()
        {
            Name = "direct_nchwc",
            Source = "channel-blocked layout: Zhang et al., ICML 2018, arXiv:1809.10170",
            Needs = "f32, no indices, no window of padding alone; Lp with p = 1",
            Layouts = "blocked",
            Supports = PoolingDirectNchwc.Supports,
            Formats = PoolingDirectNchwc.Formats,
            CostHint = PoolingDirectNchwc.CostHint,
            Error = PoolingDirectNchwc.Error,
            Bind = PoolingDirectNchwc.Bind,
        },
        new()
        {
            Name = "global",
            Source = "contiguous reduction",
            Needs = "f32, a window that is the whole map; Lp with p = 1",
            Supports = PoolingGlobal.Supports,
            CostHint = PoolingGlobal.CostHint,
            Error = PoolingGlobal.Error,
            Bind = PoolingGlobal.Bind,
        },
        new()
        {
            Name = "direct",
            Source = "separable: columns, then rows",
            Needs = "f32, no indices, at most 3 spatial axes; Lp with p = 1",
            Workspace = "nine rows for each thread",
            Supports = PoolingDirect.Supports,
            WorkspaceBytes = PoolingDirect.WorkspaceBytes,
            CostHint = PoolingDirect.CostHint,
            Error = PoolingDirect.Error,
            Bind = PoolingDirect.Bind,
        },
        new()
        {
            Name = MaximumOnly,
            Source = "van Herk 1992; Gil and Werman 1993",
            Needs = "f32, a maximum without indices, at most 2 spatial axes, no dilation, windows that overlap",
            Layouts = "plain; blocked without windows of padding alone",
            Workspace = "a few rows and columns for each thread",
            Supports = PoolingBlockWindows.SupportsMax,
            Formats = PoolingBlockWindows.Formats,
            WorkspaceBytes = PoolingBlockWindows.WorkspaceBytes,
            CostHint = PoolingBlockWindows.CostHint,
            Error = PoolingBlockWindows.Error,
            Bind = PoolingBlockWindows.Bind,
        },
        new()
        {
            Name = SumOnly,
            Source = "suffix and prefix sums of blocks: van Herk 1992; other bits than direct",
            Needs = "f32, a mean or Lp with p = 1, at most 2 spatial axes, no dilation, windows that overlap",
            Layouts = "plain; blocked without windows of padding alone",
            Workspace = "a few rows and columns for each thread",
            Supports = PoolingBlockWindows.SupportsSum,
            Formats = PoolingBlockWindows.Formats,
            WorkspaceBytes = PoolingBlockWindows.WorkspaceBytes,
            CostHint = PoolingBlockWindows.CostHint,
            Error = PoolingBlockWindows.Error,
            Bind = PoolingBlockWindows.Bind,
        },
        new()
        {
            Name = "scalar",
            Source = "the definition, window by window, in double",
            Needs = "at most 3 spatial axes",
            Supports = PoolingScalar.Supports,
            CostHint = PoolingScalar.CostHint,
            Error = PoolingScalar.Error,
            Bind = PoolingScalar.Bind,
        },
        ReferenceAlgorithm.Of<PoolingProblem>(PoolingOracle.Evaluate),
    ];

    /// <summary>Every way to pool by maxima.</summary>
    public static ImmutableArray<Algorithm<PoolingProblem>> OfMaxima { get; } = [.. s_all.Where(a => a.Name != SumOnly)];

    /// <summary>Every way to pool by sums.</summary>
    public static ImmutableArray<Algorithm<PoolingProblem>> OfSums { get; } = [.. s_all.Where(a => a.Name != MaximumOnly)];
}
