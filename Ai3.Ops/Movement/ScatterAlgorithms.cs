using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to scatter, in the order of the updates: later ones win, sums round in that order.</summary>
internal static class ScatterAlgorithms
{
    public static readonly ImmutableArray<Algorithm<ScatterProblem>> All =
    [
        new()
        {
            Name = "scatter_runs",
            Source = "row by row of the updates",
            Supports = static (p, _) => ElementSize.RequireWholeBytes(p.Data.Type).And(ScatterReductions.Supports(p.Data.Type, p.Reduction)),
            CostHint = static r => 100 + 2.0 * r.Problem.Updates.Shape.Count + r.Problem.Traffic / r.Target.BytesPerNanosecond,
            Error = static (_, _) => ErrorBound.Exact,
            InPlace = static _ => [(0, 0)],
            Bind = static (r, _) => r.Problem.Axis < 0 ? ScatterND.Bind(r.Problem) : ScatterElements.Bind(r.Problem),
        },
        new()
        {
            Name = "reference",
            Source = "one element at a time by division of its index",
            IsReference = true,
            Supports = static (p, _) => ElementSize.RequireBytes(p.Data.Type).And(ScatterReductions.Supports(p.Data.Type, p.Reduction)),
            CostHint = static r => 50.0 * r.Problem.Updates.Shape.Count + r.Problem.Traffic,
            Error = static (_, _) => ErrorBound.Exact,
            InPlace = static _ => [(0, 0)],
            Bind = static (r, _) => r.Problem.Axis < 0 ? new ScatterNDReference(r.Problem) : new ScatterElementsReference(r.Problem),
        },
    ];
}
