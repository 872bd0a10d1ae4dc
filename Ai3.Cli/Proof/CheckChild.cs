using System.Globalization;
using Ai3.Ops;
using Ai3.Testing;

namespace Ai3.Cli;

/// <summary>Proves in this process, and says before each problem which it is: lines of fields between tabs, for <see cref="CheckParent"/>.</summary>
internal static class CheckChild
{
    /// <summary>Before a problem: operator, instruction set, seed, size.</summary>
    public const string NextMark = "next";

    /// <summary>A failure: operator, instruction set, seed, size, message.</summary>
    public const string FailMark = "fail";

    /// <summary>The end: passed, skipped.</summary>
    public const string EndMark = "end";

    public static int Run(Shell shell, OpCatalog catalog, string[] operators, CheckRequest request)
    {
        int passed = 0, skipped = 0, failed = 0;
        ProofOptions options = request.Options with { Before = step => Say(shell, NextMark, step) };
        foreach (string op in operators)
        {
            ProofReport report = AlgorithmCheck.Run(catalog, op, request.Name, options);
            foreach (ProofFailure failure in report.Failures)
                Say(shell, FailMark, failure.Step, failure.Message);
            (passed, skipped, failed) = (passed + report.Passed, skipped + report.Skipped, failed + report.Failures.Length);
        }
        shell.Out.WriteLine($"{EndMark}\t{passed}\t{skipped}");
        return failed == 0 ? ExitCode.Good : ExitCode.Failed;
    }

    private static void Say(Shell shell, string mark, ProofStep step, string? message = null)
    {
        shell.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{mark}\t{step.Operator}\t{step.Isa.ToString().ToLowerInvariant()}\t0x{step.Seed:x}\t{step.Size}{(message is null ? "" : "\t" + ErrorLine.Clean(message))}"));
        shell.Out.Flush();
    }
}
