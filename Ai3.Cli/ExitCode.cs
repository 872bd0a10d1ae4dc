namespace Ai3.Cli;

/// <summary>What the process answers with.</summary>
internal static class ExitCode
{
    /// <summary>All good.</summary>
    public const int Good = 0;

    /// <summary>The work failed: a bad model, a failed case, an algorithm that does not apply.</summary>
    public const int Failed = 1;

    /// <summary>The command line asks for what does not exist.</summary>
    public const int Usage = 2;
}
