namespace Ai3.Cli;

/// <summary>A layer with the times of what the automatic choice may take, the fastest first.</summary>
internal sealed record LayerTiming(Layer Layer, IReadOnlyList<ProblemTiming> Timings)
{
    /// <summary>The fastest.</summary>
    public ProblemTiming Best => Timings[0];

    /// <summary>What cost hints alone pick.</summary>
    public ProblemTiming Pick => Timings.First(t => t.IsPick);

    /// <summary>What the plan chose, which weighs layout changes too; the pick if the choice was pinned to something else.</summary>
    public ProblemTiming Chosen => Timings.FirstOrDefault(t => t.Candidate.Algorithm.Name == Layer.Algorithm && t.Candidate.Formats.ToString() == Layer.Formats) ?? Pick;

    /// <summary>How much slower a timing is than the best, in percent.</summary>
    public double Loss(ProblemTiming timing) => (timing.Times.Min / Best.Times.Min - 1) * 100;
}
