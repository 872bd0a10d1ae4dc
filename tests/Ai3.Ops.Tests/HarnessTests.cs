using Ai3.SelfTest;
using Ai3.Testing;

namespace Ai3.Ops.Tests;

/// <summary>The harness passes a right row and catches each kind of wrong one.</summary>
public sealed class HarnessTests
{
    // Faults that only an unreadable page shows: see GuardPageTests.
    private static readonly Fault[] s_guardOnly = [Fault.ReadsPastInput, Fault.ReadsBeforeInput];

    public static IEnumerable<object[]> Faults => Enum.GetValues<Fault>().Where(f => f != Fault.None && !s_guardOnly.Contains(f)).Select(f => new object[] { f });

    [Fact]
    public void PassesARightRow()
    {
        foreach (CheckResult result in Results(Fault.None, 400))
            Assert.False(result.IsFailure, result.Message);
    }

    [Fact]
    public void PassesTheReference()
    {
        OpDefinition op = ScaleOp.With(Fault.None);
        for (int i = 0; i < 50; i++)
        {
            CheckResult result = RowCheck.Run(op, op.Algorithms[^1], IsaLevel.Avx2, new ScaleProblems(), TestRandom.Derive(1, i), 20);
            Assert.Equal((CheckOutcome.Passed, ""), (result.Outcome, result.Message));
        }
    }

    [Fact]
    public void AUserProvesAnOperatorOfTheirOwn()
    {
        var options = new ProofOptions { Count = 40, Generators = [new ScaleProblems()] };
        AlgorithmCheck.Run(OpCatalog.Of([ScaleOp.With(Fault.None)]), "test.Scale", "row", options).ThrowIfFailed();
        ProofReport report = AlgorithmCheck.Run(OpCatalog.Of([ScaleOp.With(Fault.WrongLastElement)]), "test.Scale", "row", options with { Isa = IsaLevel.Scalar });
        Assert.Equal("scale/f32 n1 c1 p1", Assert.Single(report.Failures).Problem);
        Assert.Throws<ArgumentException>(() => AlgorithmCheck.Run(OpCatalog.Of([ScaleOp.With(Fault.None)]), "test.Scale", "row"));
    }

    [Theory, MemberData(nameof(Faults))]
    public void CatchesAFaultyRow(Fault fault)
    {
        CheckResult[] failures = [.. Results(fault, 400).Where(r => r.IsFailure).Take(1)];
        Assert.True(failures.Length > 0, $"{fault} is not caught in 400 checks");
        Assert.DoesNotContain('\n', failures[0].Message);
    }

    [Fact]
    public void NamesTheFault()
    {
        Assert.Contains("while another thread runs", First(Fault.SharesScratchBetweenCallers), StringComparison.Ordinal);
        Assert.Contains("under the same key 'scale'", First(Fault.PackDependsOnShape), StringComparison.Ordinal);
        Assert.Contains("with 2 threads", First(Fault.DependsOnThreads), StringComparison.Ordinal);
        Assert.Contains("outside the", First(Fault.WritesPastWorkspace), StringComparison.Ordinal);
        Assert.Contains("with other bytes", First(Fault.LeavesElementUnwritten), StringComparison.Ordinal);
        Assert.Contains("in the memory of input 0", First(Fault.ReadsInputAfterOutput), StringComparison.Ordinal);
    }

    [Fact]
    public void ShrinksToTheSmallestFailingProblem()
    {
        CheckResult failure = Results(Fault.WrongAtLargeSizes, 400).First(r => r.IsFailure);
        Assert.Contains("'scale/f32 n1 c6 p4'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SameSeedGivesTheSameFailure()
    {
        CheckResult[] first = [.. Results(Fault.WrongLastElement, 5)], second = [.. Results(Fault.WrongLastElement, 5)];
        Assert.Equal(first, second);
    }

    [Fact]
    public void VerdictsThatThrowAreCaught()
    {
        Assert.True(OperatorCheck.Verdicts(ScaleOp.With(Fault.ThrowsInSupports), new ScaleProblems(), 1, 3).IsFailure);
        Assert.Equal(CheckOutcome.Passed, OperatorCheck.Verdicts(ScaleOp.With(Fault.None), new ScaleProblems(), 1, 30).Outcome);
    }

    [Fact]
    public void KeysAreReadBack() =>
        Assert.Equal(CheckOutcome.Passed, OperatorCheck.Keys(ScaleOp.With(Fault.None), new ScaleProblems(), 1, 30).Outcome);

    [Fact]
    public void RandomNumbersAreTheSameEverywhere()
    {
        var random = new TestRandom(42);
        Assert.Equal(0x15780b2e0c2ec716u, random.NextUInt64());
        Assert.Equal(0x6104d9866d113a7eu, random.NextUInt64());
    }

    private static string First(Fault fault) => Results(fault, 400).First(r => r.IsFailure).Message;

    private static IEnumerable<CheckResult> Results(Fault fault, int count)
    {
        OpDefinition op = ScaleOp.With(fault);
        for (int i = 0; i < count; i++)
            yield return RowCheck.Run(op, op.Algorithms[0], IsaLevel.Avx2, new ScaleProblems(), TestRandom.Derive(7, i), 4 + i % 30);
    }
}
