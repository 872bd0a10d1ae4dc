using System.Collections.Immutable;
using System.Globalization;
using Ai3.Ops;

namespace Ai3.Testing;

/// <summary>One problem of a proof, by what makes it.</summary>
/// <param name="Operator">The operator.</param>
/// <param name="Algorithm">The algorithm.</param>
/// <param name="Isa">The instruction set.</param>
/// <param name="Seed">Determines everything but the size.</param>
/// <param name="Size">How large dimensions may get.</param>
public sealed record ProofStep(string Operator, string Algorithm, IsaLevel Isa, ulong Seed, int Size)
{
    /// <summary>The command that repeats it; <c>--plugin FILE</c> is to be added for an algorithm of a shared library.</summary>
    public string Replay => string.Create(CultureInfo.InvariantCulture,
        $"ai3 check-algorithm {Algorithm} --op {Operator} --isa {Isa.ToString().ToLowerInvariant()} --seed 0x{Seed:x} --size {Size} --once");
}

/// <summary>A problem that an algorithm fails.</summary>
/// <param name="Step">What repeats it: <see cref="ProofOptions.Once"/> with its instruction set, seed and size.</param>
/// <param name="Problem">The key of the smallest problem found that fails; empty if no problem could be made.</param>
/// <param name="Message">One line: what is wrong, on the smallest problem.</param>
public sealed record ProofFailure(ProofStep Step, string Problem, string Message);

/// <summary>What became of a proof.</summary>
/// <param name="Passed">Problems on which everything held.</param>
/// <param name="Skipped">Problems that say nothing about the algorithm.</param>
/// <param name="Failures">The others.</param>
public sealed record ProofReport(int Passed, int Skipped, ImmutableArray<ProofFailure> Failures)
{
    /// <summary>Throws if something did not hold.</summary>
    /// <exception cref="InvalidOperationException">It says for each failure what did not hold and how to repeat it.</exception>
    public void ThrowIfFailed()
    {
        if (Failures.Length > 0)
            throw new InvalidOperationException(string.Join(Environment.NewLine, Failures.Select(f => $"{f.Message} | again with: {f.Step.Replay}")));
    }
}
