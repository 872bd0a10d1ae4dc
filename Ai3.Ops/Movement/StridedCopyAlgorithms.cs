using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to compute a strided copy.</summary>
internal static class StridedCopyAlgorithms
{
    public static readonly ImmutableArray<Algorithm<StridedCopyProblem>> All =
    [
        new()
        {
            Name = "view",
            Source = "the input's memory under another shape",
            Needs = "an output that is the whole input in the same order",
            IsView = true,
            Supports = ViewCopy.Supports,
            CostHint = static _ => 0,
            Error = static (_, _) => ErrorBound.Exact,
            InPlace = static _ => [(0, 0)],
            Bind = ViewCopy.Bind,
        },
        new()
        {
            Name = "transpose_tiles",
            Source = "blocked transposition with transposes in registers",
            Needs = "an innermost input axis that moves outward",
            Supports = TransposeTiles.Supports,
            CostHint = TransposeTiles.CostHint,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = TransposeTiles.Bind,
        },
        new()
        {
            Name = "strided_copy",
            Source = "runs of the innermost axis, axes merged",
            Supports = StridedCopy.Supports,
            CostHint = StridedCopy.CostHint,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = StridedCopy.Bind,
        },
        new()
        {
            Name = "reference",
            Source = "one element at a time by division of its index",
            IsReference = true,
            Supports = StridedCopyReference.Supports,
            CostHint = static r => 50.0 * r.Problem.Output.Shape.Count,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = StridedCopyReference.Bind,
        },
    ];

    /// <summary>The rows of operators that keep the order of elements.</summary>
    public static readonly ImmutableArray<Algorithm<StridedCopyProblem>> Views = All.RemoveAll(static row => row.Name == "transpose_tiles");
}
