using System.Collections.Immutable;

namespace Ai3.Ops;

internal static class ResizeAlgorithms
{
    /// <summary>Every way to resize. Order is the tie-break.</summary>
    public static readonly ImmutableArray<Algorithm<ResizeProblem>> All =
    [
        new()
        {
            Name = "nearest",
            Source = "copies by a table for each axis",
            Needs = "mode nearest",
            Layouts = "plain; blocked in f32",
            Supports = ResizeNearest.Supports,
            Formats = ResizeLayout.Formats,
            CostHint = ResizeNearest.CostHint,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = ResizeNearest.Bind,
        },
        new()
        {
            Name = "rows",
            Source = "separable: rows resampled once and combined",
            Needs = "f32, mode linear or cubic, one axis or two neighbouring ones resized, the last of them innermost",
            Workspace = "the resampled rows under the filter and a row of input for each thread",
            Supports = ResizeRows.Supports,
            WorkspaceBytes = ResizeRows.WorkspaceBytes,
            CostHint = ResizeRows.CostHint,
            Error = ResizeRows.Error,
            Bind = ResizeRows.Bind,
        },
        new()
        {
            Name = "pixels",
            Source = "weighted vectors of channels",
            Needs = "f32, mode linear or cubic, one axis or two neighbouring ones resized, more behind them",
            Layouts = "plain, blocked",
            Supports = ResizePixels.Supports,
            Formats = ResizePixels.Formats,
            CostHint = ResizePixels.CostHint,
            Error = ResizeRows.Error,
            Bind = ResizePixels.Bind,
        },
        new()
        {
            Name = "passes",
            Source = "separable: one axis after the other, in double",
            Needs = "mode linear or cubic; f32, f64, f16, bf16, i8, u8",
            Workspace = "two intermediate results for each thread",
            Supports = ResizePasses.Supports,
            WorkspaceBytes = ResizePasses.WorkspaceBytes,
            CostHint = ResizePasses.CostHint,
            Error = ResizePasses.Error,
            Bind = ResizePasses.Bind,
        },
        ReferenceAlgorithm.Of<ResizeProblem>(ResizeOracle.Evaluate),
    ];
}
