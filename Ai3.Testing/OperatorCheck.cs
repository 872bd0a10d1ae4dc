using Ai3.Ops;

namespace Ai3.Testing;

/// <summary>What holds for an operator's whole table: every row has a verdict on any problem, and keys are read back.</summary>
internal static class OperatorCheck
{
    /// <summary>Every row gives a verdict, and no row throws, for any problem at any level, or at those given.</summary>
    public static CheckResult Verdicts(OpDefinition op, IProblemGenerator generator, ulong seed, int count, IReadOnlyList<IsaLevel>? levels = null)
    {
        for (int i = 0; i < count; i++)
        {
            foreach (IsaLevel isa in levels ?? Enum.GetValues<IsaLevel>())
            {
                ulong at = TestRandom.Derive(seed, i);
                var target = new Target(isa, 1 + i % 3, CacheSizes.Typical);
                string key = "";
                try
                {
                    Problem problem = Any(op, generator, target, at, 4 + i % 28);
                    key = problem.Key;
                    CandidateSet set = op.Candidates(problem, target);
                    foreach (Algorithm row in op.Algorithms)
                        if (set.Accepted.All(c => c.Algorithm.Name != row.Name) && set.Refused.All(r => r.Algorithm != row.Name))
                            return CheckResult.Failed($"{op} {row.Name} {isa}: no verdict on '{key}'", key);
                    if (set.Refused.FirstOrDefault(r => string.IsNullOrWhiteSpace(r.Reason)) is { Algorithm: { } silent })
                        return CheckResult.Failed($"{op} {silent} {isa}: refuses '{key}' without a reason", key);
                    if (set.Accepted.IsEmpty)
                        return CheckResult.Failed($"{op} {isa}: no row takes '{key}': {string.Join("; ", set.Refused.Select(r => $"{r.Algorithm}: {r.Reason}"))}", key);
                }
                catch (Exception e) when (e is not OutOfMemoryException)
                {
                    return CheckResult.Failed($"{op} {isa} seed 0x{at:x} '{key}': a verdict throws {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}", key);
                }
            }
        }
        return CheckResult.Passed;
    }

    /// <summary>A problem's key parses back to the same problem; skipped if the operator does not parse keys.</summary>
    public static CheckResult Keys(OpDefinition op, IProblemGenerator generator, ulong seed, int count)
    {
        int parsed = 0;
        for (int i = 0; i < count; i++)
        {
            Problem problem = Any(op, generator, new Target(IsaLevel.Avx2, 1, CacheSizes.Typical), TestRandom.Derive(seed, i), 4 + i % 28);
            string key = problem.Key;
            Problem? read;
            try
            {
                read = op.ParseProblem(key);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                return CheckResult.Failed($"{op}: parsing '{key}' throws {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}");
            }
            if (read is null)
                continue;
            parsed++;
            if (read.Key != key)
                return CheckResult.Failed($"{op}: '{key}' is read as '{read.Key}'");
            if (!read.Inputs.SequenceEqual(problem.Inputs) || !read.Outputs.SequenceEqual(problem.Outputs))
                return CheckResult.Failed($"{op}: '{key}' is read with operands [{string.Join(", ", read.Inputs)}] -> [{string.Join(", ", read.Outputs)}], "
                    + $"was [{string.Join(", ", problem.Inputs)}] -> [{string.Join(", ", problem.Outputs)}]");
        }
        return parsed == count ? CheckResult.Passed
            : parsed == 0 ? CheckResult.Skipped($"{op}: problem keys are not read back")
            : CheckResult.Failed($"{op}: reads back only {parsed} of {count} problem keys");
    }

    private static Problem Any(OpDefinition op, IProblemGenerator generator, Target target, ulong seed, int size) =>
        generator.Generate(new ProblemRequest { Op = op, Target = target, Size = size }, new TestRandom(seed));
}
