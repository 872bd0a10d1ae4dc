using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to gather elements.</summary>
internal static class GatherElementsAlgorithms
{
    public static readonly ImmutableArray<Algorithm<GatherElementsProblem>> All =
    [
        new()
        {
            Name = "gather_runs",
            Source = "row by row of the indices",
            Supports = static (p, _) => ElementSize.RequireWholeBytes(p.Data.Type),
            CostHint = static r => 100 + 2.0 * r.Problem.Indices.Shape.Count + r.Problem.Traffic / r.Target.BytesPerNanosecond,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = GatherElements.Bind,
        },
        new()
        {
            Name = "reference",
            Source = "one element at a time by division of its index",
            IsReference = true,
            Supports = static (p, _) => ElementSize.RequireBytes(p.Data.Type),
            CostHint = static r => 50.0 * r.Problem.Indices.Shape.Count,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = GatherElementsReference.Bind,
        },
    ];
}
