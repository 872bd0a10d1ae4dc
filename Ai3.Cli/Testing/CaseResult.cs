namespace Ai3.Cli;

/// <summary>How a case ended.</summary>
internal enum CaseVerdict
{
    /// <summary>Every output of every data set agrees.</summary>
    Passed,
    /// <summary>An output differs, or the case cannot run.</summary>
    Failed,
    /// <summary>There is nothing to compare with.</summary>
    Skipped,
}

/// <summary>The result of one case.</summary>
/// <param name="Case">The case.</param>
/// <param name="Verdict">How it ended.</param>
/// <param name="Messages">For a failure, a line for each difference; for a skip, the reason.</param>
/// <param name="Elapsed">Time of loading, compiling and running.</param>
internal sealed record CaseResult(TestCase Case, CaseVerdict Verdict, IReadOnlyList<string> Messages, TimeSpan Elapsed);
