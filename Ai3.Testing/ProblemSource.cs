using Ai3.Ops;

namespace Ai3.Testing;

/// <summary>Gets problems from a generator that a row supports.</summary>
internal static class ProblemSource
{
    private const int MaxAttempts = 60;
    private const int PlainAttempts = 20;
    private const int MaxSimplifications = 60;

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
                if (IsSupported(op, row, candidate, target, out refusal))
                    return candidate;
            }
            if (attempt >= PlainAttempts && Simplified(generator, op, row, problem, target, random) is { } simpler)
            {
                refusal = "";
                return simpler;
            }
        }
        return null;
    }
    // A row that takes little (no strides, say) is reached by taking things away from a problem, one at a time.
    private static Problem? Simplified(IProblemGenerator generator, OpDefinition op, Algorithm row, Problem problem, Target target, TestRandom random)
    {
        for (int step = 0; step < MaxSimplifications; step++)
        {
            Problem[] simpler = [.. generator.Shrink(problem)];
            if (simpler.Length == 0)
                return null;
            problem = simpler[random.Below(simpler.Length)];
            if (IsSupported(op, row, problem, target, out _))
                return problem;
        }
        return null;
    }

    private static bool IsSupported(OpDefinition op, Algorithm row, Problem problem, Target target, out string refusal)
    {
        CandidateSet verdicts = op.Candidates(problem, target);
        bool supported = verdicts.Accepted.Any(c => c.Algorithm.Name == row.Name);
        refusal = supported ? "" : verdicts.Refused.FirstOrDefault(r => r.Algorithm == row.Name).Reason ?? $"{row.Name} gives no formats for {problem.Key}";
        return supported;
    }
}
