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
        ProofOptions options = request.Options with { Before = (row, seed, size) => Say(shell, NextMark, row, seed, size) };
        foreach (string op in operators)
        {
            ProofReport report = AlgorithmCheck.Run(catalog, op, request.Name, options);
            foreach (ProofFailure failure in report.Failures)
                Say(shell, FailMark, failure.Row, failure.Seed, failure.Size, failure.Message);
            (passed, skipped, failed) = (passed + report.Passed, skipped + report.Skipped, failed + report.Failures.Length);
        }
        shell.Out.WriteLine($"{EndMark}\t{passed}\t{skipped}");
        return failed == 0 ? ExitCode.Good : ExitCode.Failed;
    }

    private static void Say(Shell shell, string mark, RowCase row, ulong seed, int size, string? message = null)
    {
        shell.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{mark}\t{row.Op}\t{row.Isa.ToString().ToLowerInvariant()}\t0x{seed:x}\t{size}{(message is null ? "" : "\t" + ErrorLine.Clean(message))}"));
        shell.Out.Flush();
    }
}
