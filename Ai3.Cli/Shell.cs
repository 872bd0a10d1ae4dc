namespace Ai3.Cli;

/// <summary>Where a command writes: answers to <see cref="Out"/>, one line about a failure to <see cref="Error"/>.</summary>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="IsTerminal">Whether a person watches: tables get frames and colours.</param>
/// <param name="ShowsProgress">Whether work that takes over a second says so on <see cref="Error"/>.</param>
internal sealed record Shell(TextWriter Out, TextWriter Error, bool IsTerminal, bool ShowsProgress = false)
{
    public static Shell OfProcess() =>
        new(Console.Out, Console.Error, !Console.IsOutputRedirected, !Console.IsOutputRedirected && !Console.IsErrorRedirected);
}
