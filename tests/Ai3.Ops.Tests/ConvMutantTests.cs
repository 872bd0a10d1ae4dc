using Ai3.Testing;

namespace Ai3.Ops.Tests;

/// <summary>The check that users run on their algorithms passes a right one and catches each of six wrong ones, with a problem that repeats it.</summary>
public sealed class ConvMutantTests
{
    private static readonly ProofOptions s_options = new() { Count = 200, Seed = 5, Isa = IsaLevel.Scalar };

    [Fact]
    public void PassesTheUnmutatedAlgorithm()
    {
        ProofReport report = Prove(Mutation.None, s_options);
        report.ThrowIfFailed();
        Assert.Empty(report.Failures);
        Assert.True(report.Passed >= 150, $"{report.Passed} passed, {report.Skipped} skipped");
    }

    [Theory]
    [InlineData(Mutation.OffByOneInTail, ", must be ")]
    [InlineData(Mutation.MissedTile, "with other bytes in outputs and workspace")]
    [InlineData(Mutation.WorkspaceOverrun, "of the workspace is overwritten")]
    [InlineData(Mutation.UnwrittenLastElement, "with other bytes in outputs and workspace")]
    [InlineData(Mutation.WrongGroupOffset, ", must be ")]
    [InlineData(Mutation.RaceOverThreads, "threads")]
    public void CatchesAMutant(Mutation mutation, string expected)
    {
        ProofReport report = Prove(mutation, s_options);
        ProofFailure failure = Assert.Single(report.Failures);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.StartsWith("conv/f32 ", failure.Problem, StringComparison.Ordinal);
        Assert.Contains($"problem '{failure.Problem}'", failure.Message, StringComparison.Ordinal);
        Assert.StartsWith("ai3 check-algorithm mutant --op Conv --isa scalar --seed 0x", failure.Step.Replay, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
        Assert.Throws<InvalidOperationException>(report.ThrowIfFailed);
        // A race shows by chance; every other mutant fails again from the seed and the size.
        if (mutation != Mutation.RaceOverThreads)
            Assert.Equal(failure.Message, Assert.Single(Prove(mutation, s_options with { Once = true, Seed = failure.Step.Seed, Size = failure.Step.Size }).Failures).Message);
    }

    [Fact]
    public void AnUnknownAlgorithmListsTheKnownOnes() =>
        Assert.Contains("it has ", Assert.Throws<ArgumentException>(() => AlgorithmCheck.Run(OpCatalog.Default, "Conv", "mutant")).Message, StringComparison.Ordinal);

    private static ProofReport Prove(Mutation mutation, ProofOptions options) =>
        AlgorithmCheck.Run(OpCatalog.Default.With("Conv", ConvMutant.Row(mutation)), "Conv", "mutant", options);
}
