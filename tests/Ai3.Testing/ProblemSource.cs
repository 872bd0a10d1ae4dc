using Ai3.Ops;

namespace Ai3.Testing;

/// <summary>Gets problems from a generator that a row supports.</summary>
public static class ProblemSource
{
    private const int MaxAttempts = 60;

    /// <summary>A problem that the row supports, or null with the last refusal if the generator finds none.</summary>
    /// <param name="generator">The generator that serves the operator.</param>
    /// <param name="op">The operator.</param>
    /// <param name="row">The row.</param>
    /// <param name="target">The machine.</param>
    /// <param name="size">How large dimensions may get.</param>
    /// <param name="random">Where the problem comes from.</param>
    /// <param name="refusal">Why the last proposal was refused; empty if one was taken.</param>
    public static Problem? SupportedBy(IProblemGenerator generator, OpDefinition op, Algorithm row, Target target, int size, TestRandom random, out string refusal)
    {
        refusal = "";
        var request = new ProblemRequest { Op = op, Target = target, Size = size, Row = row };
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            Problem problem = generator.Generate(request with { Attempt = attempt, Refusal = refusal }, random);
            // The same problem with inputs that are not constant, now and then: rows must not depend on packing ahead.
            Problem dynamic = problem.ConstantInputs != 0 && random.Chance(0.2) ? problem with { ConstantInputs = 0 } : problem;
            foreach (Problem candidate in new[] { dynamic, problem })
            {
                CandidateSet verdicts = op.Candidates(candidate, target);
                if (verdicts.Accepted.Any(c => c.Algorithm.Name == row.Name))
                {
                    refusal = "";
                    return candidate;
                }
                refusal = verdicts.Refused.FirstOrDefault(r => r.Algorithm == row.Name).Reason ?? $"{row.Name} gives no formats for {candidate.Key}";
            }
        }
        return null;
    }
}
