using System.CommandLine;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Cli;

/// <summary><c>ai3 inspect</c>: a model in figures, or what a stage of compilation makes of it.</summary>
internal static class InspectCommand
{
    private static readonly string[] Stages = ["summary", "import", "inferred", "rewritten", "selection", "memory"];

    public static Command Create(Shell shell)
    {
        Argument<string> path = ModelArgument.Create();
        var stage = new Option<string>("--stage")
        {
            Description = $"What to print: {string.Join(", ", Stages)}.",
            HelpName = string.Join('|', Stages),
            DefaultValueFactory = _ => Stages[0],
        };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var save = new Option<string?>("--save-plan") { Description = "Write the chosen algorithms and layouts to a file, for --plan.", HelpName = "FILE" };
        var command = new Command("inspect", "Prints a model in figures, or as a stage of compilation sees it.") { path, stage, save, json };
        CompileFlags flags = new CompileFlags().AddTo(command);
        command.SetAction(parse =>
        {
            string name = parse.GetValue(stage)!;
            if (!Stages.Contains(name))
                throw new UsageException($"--stage {name} is not a stage{Suggestion.For(name, Stages)} (stages are {string.Join(", ", Stages)})");
            CompileOptions options = flags.Read(parse);
            using Progress progress = Progress.Start(shell, parse.GetValue(json), "loading");
            using Model model = ModelArgument.Load(parse.GetValue(path)!, flags.ImportLimits(parse));
            progress.Say("compiling");
            if (parse.GetValue(save) is { } file)
                SavePlan(file, progress, model, options);
            Inspect(shell, progress, model, options, name, parse.GetValue(json));
            return ExitCode.Good;
        });
        return command;
    }

    private static void SavePlan(string path, Progress progress, Model model, CompileOptions options)
    {
        using Session session = model.Compile(options);
        PlanOf(session, progress, model, options).Save(path);
    }

    private static void Inspect(Shell shell, Progress progress, Model model, CompileOptions options, string stage, bool json)
    {
        switch (stage)
        {
            case "summary":
                InspectSummary(shell, progress, model, options, json);
                break;
            case "selection" or "memory":
                InspectPlan(shell, progress, model, options, stage, json);
                break;
            case "rewritten":
                using (Session session = model.Compile(options))
                    InspectGraph(shell, progress, model, session.Graph, stage, json);
                break;
            default:
                InspectGraph(shell, progress, model, stage == "import" ? model.Graph : model.InferShapes(options), stage, json);
                break;
        }
    }

    private static void InspectSummary(Shell shell, Progress progress, Model model, CompileOptions options, bool json)
    {
        using ModelSummary summary = ModelSummary.Of(model, options, s => PlanOf(s, progress, model, options));
        progress.Dispose();
        if (json)
            SummaryText.WriteJson(shell, summary);
        else
            SummaryText.Write(shell, summary);
    }

    private static void InspectGraph(Shell shell, Progress progress, Model model, Graph graph, string stage, bool json)
    {
        progress.Dispose();
        if (json)
            GraphText.WriteJson(shell, model, stage, graph);
        else
            GraphText.Write(shell, model, graph);
    }

    private static void InspectPlan(Shell shell, Progress progress, Model model, CompileOptions options, string stage, bool json)
    {
        using Session session = model.Compile(options);
        Plan plan = PlanOf(session, progress, model, options);
        progress.Dispose();
        if (json)
            PlanText.WriteJson(shell, stage, plan, session.Target);
        else
            GraphText.WriteLines(shell, stage == "selection" ? $"{plan.Report}{RunTimeSteps(plan)}" : plan.DescribeMemory());
    }

    private static string RunTimeSteps(Plan plan) =>
        string.Concat(plan.Steps.Where(s => s.Problem is null && s.Op != "Copy").Select(s => $"{s.Name}: {s.Op}, decided while running\n"));

    // Shapes that are symbols have no plan until a run: symbols without a number are 1.
    private static Plan PlanOf(Session session, Progress progress, Model model, CompileOptions options)
    {
        if (session.Plan is { } ahead)
            return ahead;
        progress.Say("running once, for shapes that are symbols");
        Dictionary<string, Value> values = model.Inputs.ToDictionary(i => i.Name, Value (i) => RandomInput.Make(i, options.Dimensions, 0));
        using Outputs outputs = session.Run(values);
        return session.Plan ?? throw new InvalidOperationException("the run made no plan");
    }
}
