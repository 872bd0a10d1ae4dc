using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to gather slices by tuples.</summary>
internal static class GatherNDAlgorithms
{
    public static readonly ImmutableArray<Algorithm<GatherNDProblem>> All =
    [
        new()
        {
            Name = "copy_slices",
            Source = "one run of memory for each tuple",
            Supports = static (p, _) => ElementSize.RequireWholeBytes(p.Data.Type),
            CostHint = static r => 100 + 3.0 * r.Problem.Indices.Shape.Count + 2.0 * r.Problem.Output.ByteLength / r.Target.BytesPerNanosecond,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = GatherND.Bind,
        },
        new()
        {
            Name = "reference",
            Source = "one element at a time",
            IsReference = true,
            Supports = static (p, _) => ElementSize.RequireBytes(p.Data.Type),
            CostHint = static r => 50.0 * r.Problem.Output.Shape.Count,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = GatherNDReference.Bind,
        },
    ];
}
