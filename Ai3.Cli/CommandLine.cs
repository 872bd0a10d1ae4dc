using System.CommandLine;

namespace Ai3.Cli;

/// <summary>The root command, and the one place where failures become a line and an exit code.</summary>
internal static class CommandLine
{
    public static int Run(string[] args, Shell shell)
    {
        try
        {
            ParseResult result = Root(shell).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (result.Errors.Count > 0)
                throw new UsageException(Describe(result));
            var configuration = new InvocationConfiguration { Output = shell.Out, Error = shell.Error, EnableDefaultExceptionHandler = false };
            return result.Invoke(configuration);
        }
        catch (Exception e)
        {
            shell.Out.Flush();
            shell.Error.WriteLine($"ai3: {ErrorLine.Of(e)}");
            return e is UsageException ? ExitCode.Usage : ExitCode.Failed;
        }
    }

    private static string Describe(ParseResult result)
    {
        if (result.CommandResult.Command is not RootCommand root)
            return $"{result.Errors[0].Message} ('ai3 {result.CommandResult.Command.Name} --help' lists the options)";
        if (result.UnmatchedTokens.Count == 0)
            return $"{result.Errors[0].Message} ('ai3 --help' lists the commands)";
        IEnumerable<string> names = root.Subcommands.Select(c => c.Name);
        return $"'{result.UnmatchedTokens[0]}' is not a command{Suggestion.For(result.UnmatchedTokens[0], names)} (commands are {string.Join(", ", names)})";
    }

    private static RootCommand Root(Shell shell)
    {
        return new RootCommand("Runs ONNX models, with a choice of algorithm for every operation.")
        {
            RunCommand.Create(shell),
            InspectCommand.Create(shell),
            TestCommand.Create(shell),
            AlgorithmsCommand.Create(shell),
            VerifyCommand.Create(shell),
            CheckAlgorithmCommand.Create(shell),
            BenchCommand.Create(shell),
            ZooCommand.Create(shell),
            InfoCommand.Create(shell),
            DemoCommand.Create(shell),
        };
    }
}
