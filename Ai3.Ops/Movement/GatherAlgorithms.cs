using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to gather slices.</summary>
internal static class GatherAlgorithms
{
    public static readonly ImmutableArray<Algorithm<GatherProblem>> All =
    [
        new()
        {
            Name = "copy_rows",
            Source = "one run of memory for each index",
            Supports = static (p, _) => ElementSize.RequireWholeBytes(p.Data.Type),
            CostHint = static r => 100 + 3.0 * r.Problem.Data.Shape.CountOf(..r.Problem.Axis) * r.Problem.Indices.Shape.Count
                + 2.0 * r.Problem.Output.ByteLength / r.Target.BytesPerNanosecond,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = GatherRows.Bind,
        },
        new()
        {
            Name = "reference",
            Source = "one element at a time by division of its index",
            IsReference = true,
            Supports = static (p, _) => ElementSize.RequireBytes(p.Data.Type),
            CostHint = static r => 50.0 * r.Problem.Output.Shape.Count,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = GatherReference.Bind,
        },
    ];
}
