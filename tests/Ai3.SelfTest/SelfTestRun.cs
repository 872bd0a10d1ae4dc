using Ai3.Ops;
using Ai3.Testing;

namespace Ai3.SelfTest;

/// <summary>Runs the chosen cases in this process and counts.</summary>
internal static class SelfTestRun
{
    private const int MaxFailuresOfACase = 3;

    public static int Execute(Options options)
    {
        RowCase[] cases = Cases(options);
        if (cases.Length == 0)
        {
            Console.Error.WriteLine("no row of that operator, name and level");
            return 2;
        }
        if (options.Guard && options.ChildFrom is null)
            return GuardRun.Execute(options, cases);
        var tally = new Tally();
        if (options.Exhaustive is { } stride)
            return Exhaustive(cases, Math.Max(stride, 1), tally);
        for (int i = options.ChildFrom ?? 0; i < cases.Length; i++)
            Run(cases[i], i, options, tally);
        return tally.Report();
    }

    public static RowCase[] Cases(Options options)
    {
        OpCatalog catalog = options.Fault is { } fault ? OpCatalog.Of([ScaleOp.With(fault)]) : OpCatalog.Default;
        return
        [
            .. RowTable.Of(catalog).Where(c => (options.Op is null || options.Op == c.OpName || options.Op == c.Op.ToString())
                && (options.Row is null || options.Row == c.Row.Name) && (options.Isa is null || options.Isa == c.Isa)),
        ];
    }

    private static int Exhaustive(RowCase[] cases, uint stride, Tally tally)
    {
        foreach (RowCase row in cases.Where(c => !c.Row.IsReference && ExhaustiveCheck.Applies(c.Op)))
        {
            CheckResult result = ExhaustiveCheck.Run(row.Op, row.Row, row.Isa, stride);
            tally.Add(result);
            if (result.Outcome == CheckOutcome.Passed)
                Console.WriteLine(result.Message);
        }
        return tally.Report();
    }

    private static void Run(RowCase row, int index, Options options, Tally tally)
    {
        IProblemGenerator? generator = options.Fault is null ? ProblemGenerators.For(row.Op) : new ScaleProblems();
        if (generator is null)
        {
            // Once for an operator, and not as a hit of a guard page.
            if (!options.Guard && row.Row == row.Op.Algorithms[0] && row.Isa == Isa.Supported[0])
                tally.Add(CheckResult.Failed($"{row.OpName}: no problem generator serves this operator"));
            return;
        }
        int failures = 0;
        for (int i = 0; i < (options.Once ? 1 : options.Count) && failures < MaxFailuresOfACase; i++)
        {
            ulong seed = options.Once ? options.Seed : RowTable.Seed(options.Seed, row, i);
            int size = options.Size ?? RowTable.Size(i);
            if (options.ChildFrom is not null)
                GuardRun.Announce(index, seed, size);
            foreach (Placement placement in Placements(options, i))
            {
                CheckResult result = RowCheck.Run(row.Op, row.Row, row.Isa, generator, seed, size, placement);
                tally.Add(result);
                failures += result.IsFailure ? 1 : 0;
            }
        }
    }

    // Reads past an end are the likelier mistake.
    private static Placement[] Placements(Options options, int check) =>
        !options.Guard ? [Placement.Canary] : options.Once ? [Placement.GuardEnd, Placement.GuardStart]
        : [check % 4 == 3 ? Placement.GuardStart : Placement.GuardEnd];
}
