using System.CommandLine;
using Ai3.ModelZoo;
using Ai3.Onnx;
using Ai3.Runtime;

namespace Ai3.Cli;

/// <summary><c>ai3 zoo</c>: lists the published networks that come as architectures, and writes them as files.</summary>
internal static class ZooCommand
{
    public static Command Create(Shell shell)
    {
        var name = new Argument<string?>("NAME") { Description = "A network to write.", Arity = ArgumentArity.ZeroOrOne };
        var output = new Option<string?>("--output") { Description = "Where to write it.", HelpName = "FILE" };
        var seed = new Option<ulong>("--seed") { Description = "The seed of its weights.", HelpName = "N", DefaultValueFactory = _ => ZooModel.DefaultSeed };
        var command = new Command("zoo", "Lists published networks, or writes one with seeded weights; other commands take them as zoo:NAME.") { name, output, seed };
        command.SetAction(parse =>
        {
            string? wanted = parse.GetValue(name), path = parse.GetValue(output);
            if ((wanted is null) != (path is null))
                throw new UsageException("give NAME and --output FILE to write a network, or neither to list them");
            if (wanted is null)
                return List(shell);
            ZooModel network = ModelArgument.InZoo(wanted);
            using Model model = network.Create(parse.GetValue(seed));
            OnnxModel.Save(model, path!);
            shell.Out.WriteLine($"{network.Title}: {network.PublishedParameters:N0} parameters, written to {path}");
            return ExitCode.Good;
        });
        return command;
    }

    private static int List(Shell shell)
    {
        var table = new TextTable("name", ">parameters", "network");
        foreach (ZooModel network in Zoo.All)
            table.Add(network.Name, network.PublishedParameters.ToString("N0"), network.Title);
        table.WriteTo(shell);
        return ExitCode.Good;
    }
}
