using System.CommandLine;
using System.Globalization;
using Ai3.Ops;
using Ai3.Testing;

namespace Ai3.Cli;

/// <summary><c>ai3 check-algorithm</c>: proves an algorithm, built in or a plug-in's, on generated problems.</summary>
internal static class CheckAlgorithmCommand
{
    public static Command Create(Shell shell)
    {
        var name = new Argument<string>("NAME") { Description = "The algorithm." };
        var op = new Option<string?>("--op") { Description = "Its operator (default: every operator that has an algorithm of the name).", HelpName = "OP" };
        var count = new Option<int>("--count") { Description = "Problems for each instruction set.", HelpName = "N", DefaultValueFactory = _ => 200 };
        var seed = new Option<string>("--seed") { Description = "Determines the problems; decimal or 0x.", HelpName = "S", DefaultValueFactory = _ => "1" };
        var size = new Option<int?>("--size") { Description = "How large dimensions may get (default: small and large in turn).", HelpName = "N" };
        var once = new Option<bool>("--once") { Description = "One problem of exactly this seed and size: repeats a failure." };
        // Memory that is not the algorithm's ends the process: the work is done in a child of this one.
        var inside = new Option<bool>("--in-process") { Description = "Check in this process, and not in a child that may die.", Hidden = true };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("check-algorithm", "Proves an algorithm on generated problems: values, memory, threads, workspace.") { name, op, count, seed, size, once, inside, json };
        CompileFlags flags = new CompileFlags().AddPluginsTo(command);
        command.SetAction(parse =>
        {
            if (parse.GetValue(count) < 1)
                throw new UsageException($"--count {parse.GetValue(count)} is not a count of 1 or more");
            var request = new CheckRequest
            {
                Name = parse.GetValue(name)!,
                Op = parse.GetValue(op),
                Plugins = [.. flags.Plugins.Paths(parse)],
                Options = new ProofOptions
                {
                    Count = parse.GetValue(count),
                    Seed = ParseSeed(parse.GetValue(seed)!),
                    Size = parse.GetValue(size),
                    Once = parse.GetValue(once),
                    Isa = flags.Level(parse),
                    Placements = OperatingSystem.IsLinux() || OperatingSystem.IsMacOS()
                        ? [Placement.Canary, Placement.GuardEnd, Placement.Canary, Placement.GuardStart] : [Placement.Canary],
                },
            };
            OpCatalog catalog = flags.Plugins.Read(parse);
            string[] operators = Operators(catalog, request);
            if (parse.GetValue(inside))
                return CheckChild.Run(shell, catalog, operators, request);
            return CheckParent.Run(shell, operators, request, parse.GetValue(json));
        });
        return command;
    }

    private static string[] Operators(OpCatalog catalog, CheckRequest request)
    {
        OpDefinition[] definitions = [.. request.Op is null ? catalog.Operators : catalog.Named(request.Op)];
        if (definitions.Length == 0)
            throw new UsageException($"no operator is named '{request.Op}'{Suggestion.For(request.Op!, catalog.Operators.Select(o => o.ToString()).Distinct())}");
        string[] found = [.. definitions.Where(d => d.Algorithms.Any(a => a.Name == request.Name)).Select(d => d.ToString()).Distinct()];
        string[] known = [.. definitions.SelectMany(d => d.Algorithms).Select(a => a.Name).Distinct()];
        return found.Length > 0 ? found
            : throw new UsageException($"{request.Op ?? "no operator"} has {(request.Op is null ? "an" : "no")} algorithm '{request.Name}'{Suggestion.For(request.Name, known)} ('ai3 algorithms' lists them)");
    }

    private static ulong ParseSeed(string text)
    {
        bool hex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return ulong.TryParse(hex ? text.AsSpan(2) : text, hex ? NumberStyles.HexNumber : NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed) ? seed
            : throw new UsageException($"--seed {text} is not a number of 0 or more, decimal or 0x");
    }
}
