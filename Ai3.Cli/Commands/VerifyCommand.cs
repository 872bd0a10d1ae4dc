using System.CommandLine;
using Ai3.Runtime;
using Ai3.Tensors;
using Ai3.Testing;

namespace Ai3.Cli;

/// <summary><c>ai3 verify</c>: every applicable algorithm on every node's real values, against the node's oracle; or two plans side by side.</summary>
internal static class VerifyCommand
{
    private const double DefaultTolerance = 1e-4;

    public static Command Create(Shell shell)
    {
        Argument<string> path = ModelArgument.Create();
        var chosen = new Option<bool>("--chosen") { Description = "Only the algorithm that the selection chooses for each node." };
        var bisect = new Option<bool>("--bisect") { Description = "Run two plans side by side and find the first node where they diverge." };
        var against = new Option<string?>("--against") { Description = "With --bisect: the second plan (default: the reference algorithm everywhere).", HelpName = "PLAN" };
        var tolerance = new Option<double?>("--tolerance") { Description = $"With --bisect: a difference relative to a node's largest output that is too much (default {DefaultTolerance}).", HelpName = "T" };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("verify", "Runs every applicable algorithm on every node of a model, on its real values, against the reference.") { path, chosen, bisect, against, tolerance, json };
        InputFlags inputs = new InputFlags().AddTo(command);
        CompileFlags flags = new CompileFlags().AddTo(command);
        command.SetAction(parse =>
        {
            if (!parse.GetValue(bisect) && (parse.GetValue(against) is not null || parse.GetValue(tolerance) is not null))
                throw new UsageException("--against and --tolerance go with --bisect");
            if (parse.GetValue(tolerance) is { } wanted && !(wanted >= 0))
                throw new UsageException($"--tolerance {wanted} is not a number of 0 or more");
            CompileOptions options = flags.Read(parse);
            using Progress progress = Progress.Start(shell, parse.GetValue(json), "loading");
            using Model model = ModelArgument.Load(parse.GetValue(path)!, flags.ImportLimits(parse));
            Dictionary<string, Value> values = inputs.Read(parse, model, options.Dimensions, randomByDefault: true);
            progress.Say("compiling");
            using Session session = model.Compile(options);
            if (!parse.GetValue(bisect))
                return Verify(shell, progress, session, values, parse.GetValue(chosen), parse.GetValue(json));
            using Session second = model.Compile(parse.GetValue(against) is { } plan
                ? options with { Plan = SavedPlan.Load(CompileFlags.Existing("--against", plan)), Selection = null }
                : options with { Plan = null, Selection = ReferenceOf(session) });
            return Bisect(shell, progress, session, second, values, parse.GetValue(tolerance) ?? DefaultTolerance, parse.GetValue(json));
        });
        return command;
    }

    private static int Verify(Shell shell, Progress progress, Session session, Dictionary<string, Value> inputs, bool chosenOnly, bool json)
    {
        var nodes = new List<VerifiedNode>();
        foreach (VerifiedNode node in ModelVerifier.Run(session, inputs, chosenOnly))
        {
            nodes.Add(node);
            progress.Say($"verifying, {nodes.Count} nodes so far, last {ErrorLine.Clean(node.Node)}");
        }
        progress.Dispose();
        var report = new VerifyReport(nodes);
        if (json)
            report.WriteJson(shell);
        else
            report.Write(shell);
        return report.Failed == 0 ? ExitCode.Good : ExitCode.Failed;
    }

    private static int Bisect(Shell shell, Progress progress, Session first, Session second, Dictionary<string, Value> inputs, double tolerance, bool json)
    {
        progress.Say("running two plans side by side");
        NodeDifference? divergence = null, last = null;
        int count = 0;
        foreach (NodeDifference node in PlanComparison.Run(first, second, inputs))
        {
            count++;
            last = node;
            if (node.OutputDifference <= tolerance)
                continue;
            divergence = node;
            break;
        }
        progress.Dispose();
        if (json)
            BisectText.WriteJson(shell, divergence, count, tolerance);
        else
            BisectText.Write(shell, divergence, last, count, tolerance);
        return divergence is null ? ExitCode.Good : ExitCode.Failed;
    }

    // Where an operator has no reference row, or it does not take the types, the automatic choice stands in for it.
    private static Selection ReferenceOf(Session session)
    {
        Selection selection = Selection.Automatic;
        foreach (string op in session.Graph.Nodes.Where(n => n.Subgraphs.Count == 0).Select(n => n.QualifiedOp).Distinct())
            selection = selection.WithOp(op, "reference,auto");
        return selection;
    }
}
