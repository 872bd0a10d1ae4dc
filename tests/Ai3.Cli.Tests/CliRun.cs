namespace Ai3.Cli.Tests;

/// <summary>Runs a command line in this process.</summary>
/// <param name="Code">The exit code.</param>
/// <param name="Out">What went to standard output.</param>
/// <param name="Error">What went to standard error.</param>
internal sealed record CliRun(int Code, string Out, string Error)
{
    public static CliRun Of(params string[] args)
    {
        using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        int code = CommandLine.Run(args, new Shell(output, error, IsTerminal: false));
        return new CliRun(code, output.ToString(), error.ToString());
    }

    /// <summary>The last line of standard output.</summary>
    public string LastLine => Out.TrimEnd('\n')[(Out.TrimEnd('\n').LastIndexOf('\n') + 1)..];

    /// <summary>Asserts a failure that is one line on standard error, and no stack trace.</summary>
    public string FailsWith(int code)
    {
        Assert.Equal(code, Code);
        string line = Assert.Single(Error.TrimEnd('\n').Split('\n'));
        Assert.StartsWith("ai3: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("unexpected", line, StringComparison.Ordinal);
        return line;
    }
}
