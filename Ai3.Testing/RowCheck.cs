using Ai3.Ops;

namespace Ai3.Testing;

/// <summary>One seed's check of a row: problem, mode and inputs all follow from seed and size; a failure is shrunk.</summary>
internal static class RowCheck
{
    /// <summary>Between what is wrong and how to repeat it.</summary>
    public const string ReplayMark = " | replay: ";

    private const int MaxShrinkChecks = 300;

    private static readonly CheckMode[] s_modes =
    [
        CheckMode.ExactInteger, CheckMode.RandomSigns, CheckMode.ExactInteger, CheckMode.Specials,
        CheckMode.RandomSigns, CheckMode.LargeMean, CheckMode.ExactInteger, CheckMode.WideRange,
    ];

    /// <summary>Runs it.</summary>
    /// <param name="op">The operator.</param>
    /// <param name="row">The row.</param>
    /// <param name="isa">The instruction set.</param>
    /// <param name="generator">The generator that serves the operator.</param>
    /// <param name="seed">Determines everything but the size.</param>
    /// <param name="size">How large dimensions may get.</param>
    /// <param name="placement">Where operands are.</param>
    public static CheckResult Run(OpDefinition op, Algorithm row, IsaLevel isa, IProblemGenerator generator, ulong seed, int size,
        Placement placement = Placement.Canary)
    {
        string replay = $"--op {RowCase.NameOf(op)} --row {row.Name} --isa {isa} --seed 0x{seed:x} --size {size} --once";
        var random = new TestRandom(seed);
        CheckMode mode = random.Pick<CheckMode>(s_modes);
        CheckCase check;
        try
        {
            var draft = new CheckCase { Op = op, Row = row, Problem = NoProblem.Instance, Isa = isa, Seed = seed, Mode = mode, Placement = placement };
            Problem? problem = ProblemSource.SupportedBy(generator, op, row, draft.Target(1), size, random, out string refusal);
            if (problem is null)
            {
                return row.IsReference || size < 4 ? CheckResult.Skipped($"{op} {row.Name} {isa}: no supported problem of size {size}: {refusal}")
                    : CheckResult.Failed($"{op} {row.Name} {isa}: the generator finds no problem the row supports; last refusal: {refusal}{ReplayMark}{replay}");
            }
            check = draft with { Problem = problem };
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            string at = e.StackTrace?.Split('\n').FirstOrDefault()?.Trim() ?? "";
            return CheckResult.Failed($"{op} {row.Name} {isa}: making a problem throws {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")} {at}{ReplayMark}{replay}");
        }
        CheckResult result = AlgorithmCheck.Run(check, generator);
        if (!result.IsFailure)
            return result;
        CheckResult smallest = Shrink(check, result, generator);
        return smallest with { Message = $"{smallest.Message}{ReplayMark}{replay}" };
    }

    // Takes the first simpler problem that fails as well, until none does.
    private static CheckResult Shrink(CheckCase check, CheckResult failure, IProblemGenerator generator)
    {
        int left = MaxShrinkChecks;
        bool smaller = true;
        while (smaller)
        {
            smaller = false;
            foreach (Problem problem in generator.Shrink(check.Problem))
            {
                if (left-- <= 0)
                    return failure;
                CheckCase candidate = check with { Problem = problem };
                CheckResult result = AlgorithmCheck.Run(candidate, generator);
                if (!result.IsFailure)
                    continue;
                (check, failure, smaller) = (candidate, result, true);
                break;
            }
        }
        return failure;
    }

    private sealed record NoProblem : Problem
    {
        public static NoProblem Instance { get; } = new();

        public override string Key => "none";

        public override System.Collections.Immutable.ImmutableArray<TensorType> Inputs => [];

        public override System.Collections.Immutable.ImmutableArray<TensorType> Outputs => [];
    }
}
