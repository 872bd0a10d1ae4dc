namespace Ai3.Testing;

/// <summary>What became of a check.</summary>
internal enum CheckOutcome
{
    /// <summary>Everything held.</summary>
    Passed,
    /// <summary>There was nothing to check: the row does not apply, or the mode says nothing here.</summary>
    Skipped,
    /// <summary>Something did not hold.</summary>
    Failed,
}

/// <summary>The outcome of a check and one line that says why.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Message">One line: what failed where, with all that is needed to run it again; empty if it passed.</param>
/// <param name="Problem">The key of the problem that failed; empty if none did.</param>
internal readonly record struct CheckResult(CheckOutcome Outcome, string Message, string Problem = "")
{
    /// <summary>Everything held.</summary>
    public static CheckResult Passed => new(CheckOutcome.Passed, "");

    /// <summary>There was nothing to check.</summary>
    public static CheckResult Skipped(string reason) => new(CheckOutcome.Skipped, reason);

    /// <summary>Something did not hold.</summary>
    public static CheckResult Failed(string message, string problem = "") => new(CheckOutcome.Failed, message, problem);

    /// <summary>True if something did not hold.</summary>
    public bool IsFailure => Outcome == CheckOutcome.Failed;
}
