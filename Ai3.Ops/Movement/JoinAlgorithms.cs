using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to join or part tensors along an axis.</summary>
internal static class JoinAlgorithms
{
    public static readonly ImmutableArray<Algorithm<JoinProblem>> All =
    [
        new()
        {
            Name = "copy_elements",
            Source = "part by part, element by element",
            Needs = "rows of a few elements",
            Supports = JoinElements.Supports,
            CostHint = JoinElements.CostHint,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = JoinElements.Bind,
        },
        new()
        {
            Name = "copy_runs",
            Source = "one run of memory for each part and outer index",
            Layouts = "plain; channel blocks, where along the channels each part is whole blocks",
            Supports = static (p, _) => ElementSize.RequireWholeBytes(p.Whole.Type),
            Formats = JoinRuns.Formats,
            CostHint = JoinRuns.CostHint,
            Error = static (_, _) => ErrorBound.Exact,
            Slices = JoinRuns.Slices,
            Bind = JoinRuns.Bind,
        },
        new()
        {
            Name = "reference",
            Source = "one element at a time by division of its index",
            IsReference = true,
            Supports = static (p, _) => ElementSize.RequireBytes(p.Whole.Type),
            CostHint = static r => 50.0 * r.Problem.Whole.Shape.Count,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = JoinReference.Bind,
        },
    ];
}
