using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to pad.</summary>
internal static class PadAlgorithms
{
    public static readonly ImmutableArray<Algorithm<PadProblem>> All =
    [
        new()
        {
            Name = "copy_rows",
            Source = "a fill and a run of memory for each row, unpadded axes merged",
            Supports = Pad.Supports,
            CostHint = static r => 100 + 5.0 * r.Problem.Output.Shape.CountOf(..^Math.Min(1, r.Problem.Output.Shape.Rank))
                + r.Problem.Traffic / r.Target.BytesPerNanosecond,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = Pad.Bind,
        },
        new()
        {
            Name = "reference",
            Source = "one element at a time, walking from the edge",
            IsReference = true,
            Supports = static (p, _) => ElementSize.RequireBytes(p.Data.Type),
            CostHint = static r => 50.0 * r.Problem.Output.Shape.Count,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = PadReference.Bind,
        },
    ];
}
