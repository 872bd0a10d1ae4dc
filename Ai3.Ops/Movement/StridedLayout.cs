namespace Ai3.Ops;

/// <summary>The box of a strided copy in canonical form: no axis of extent 1, neighbours that continue each other merged; rank 1 at least.</summary>
internal sealed record StridedLayout(long[] Extents, long[] Steps, long Offset)
{
    /// <summary>The most axes a driver keeps indices for.</summary>
    public const int MaxRank = 16;

    public int Rank => Extents.Length;

    /// <summary>Output elements.</summary>
    public long Count { get; private init; }

    /// <summary>True if the output's elements are one run of the input.</summary>
    public bool IsRun => Rank == 1 && (Steps[0] == 1 || Extents[0] <= 1);

    public static StridedLayout Of(StridedCopyProblem p)
    {
        long count = p.Output.Shape.Count;
        if (count == 0)
            return new StridedLayout([0], [1], 0) { Count = 0 };
        var extents = new List<long>(p.Walk.Length);
        var steps = new List<long>(p.Walk.Length);
        for (int i = 0; i < p.Walk.Length; i++)
        {
            if (p.Walk[i] == 1)
                continue;
            if (extents.Count > 0 && (Int128)p.Walk[i] * p.Steps[i] == steps[^1])
            {
                extents[^1] *= p.Walk[i];
                steps[^1] = p.Steps[i];
                continue;
            }
            extents.Add(p.Walk[i]);
            steps.Add(p.Steps[i]);
        }
        if (extents.Count == 0)
            return new StridedLayout([1], [1], p.Offset) { Count = 1 };
        return new StridedLayout([.. extents], [.. steps], p.Offset) { Count = count };
    }

    /// <summary>The outer axis whose neighbours are next to each other in the input, if the innermost axis is not; otherwise -1.</summary>
    public int TransposedAxis => Steps[^1] is 0 or 1 ? -1 : Array.IndexOf(Steps, 1L);
}
