using System.CommandLine;
using System.Text.Json;
using Ai3.Ops;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Cli;

/// <summary><c>ai3 inspect</c>: prints what a stage makes of a model.</summary>
internal static class InspectCommand
{
    private static readonly string[] Stages = ["import", "inferred", "rewritten", "selection", "memory"];

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
        var command = new Command("inspect", "Prints a model as a stage of compilation sees it.") { path, stage, json };
        CompileFlags flags = new CompileFlags().AddTo(command);
        command.SetAction(parse =>
        {
            string name = parse.GetValue(stage)!;
            if (!Stages.Contains(name))
                throw new UsageException($"--stage {name} is not a stage{Suggestion.For(name, Stages)} (stages are {string.Join(", ", Stages)})");
            CompileOptions options = flags.Read(parse);
            using Model model = ModelArgument.Load(parse.GetValue(path)!, flags.ImportLimits(parse));
            if (name is "selection" or "memory")
                return InspectPlan(shell, model, options, name, parse.GetValue(json));
            if (name is "import" or "inferred")
                return InspectGraph(shell, model, name == "import" ? model.Graph : model.InferShapes(options), name, parse.GetValue(json));
            using Session session = model.Compile(options);
            return InspectGraph(shell, model, session.Graph, name, parse.GetValue(json));
        });
        return command;
    }

    private static int InspectGraph(Shell shell, Model model, Graph graph, string stage, bool json)
    {
        if (json)
            JsonText.Write(shell, j => WriteGraph(j, model, stage, graph));
        else
            Print(shell, model, graph);
        return ExitCode.Good;
    }

    private static void Print(Shell shell, Model model, Graph graph)
    {
        ModelMetadata m = model.Metadata;
        shell.Out.WriteLine($"graph '{ErrorLine.Clean(graph.Name)}': {graph.Nodes.Count} nodes");
        string opsets = string.Join(", ", model.Opsets.Select(o => $"{(o.Key.Length == 0 ? "ai.onnx" : o.Key)} {o.Value}"));
        shell.Out.WriteLine(ErrorLine.Clean($"opset  {opsets}; IR version {m.IrVersion}; by '{m.Producer}'"));
        if (m.Description.Length > 0)
            shell.Out.WriteLine($"about  {ErrorLine.Clean(m.Description)}");
        foreach ((string key, string value) in m.Properties)
            shell.Out.WriteLine($"       {ErrorLine.Clean($"{key} = {value}")}");
        WriteLines(shell, GraphPrinter.Print(graph));
        foreach (IGrouping<string, Node> op in graph.Nodes.GroupBy(n => n.QualifiedOp).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal))
            shell.Out.WriteLine($"{op.Count(),6} x {ErrorLine.Clean(op.Key)}");
    }

    private static int InspectPlan(Shell shell, Model model, CompileOptions options, string stage, bool json)
    {
        using Session session = model.Compile(options);
        Plan plan = session.Plan ?? PlanOfRandomRun(session, model, options);
        if (json)
            JsonText.Write(shell, j => WritePlan(j, stage, plan, session.Target));
        else
            WriteLines(shell, stage == "selection" ? plan.Describe() : plan.DescribeMemory());
        return ExitCode.Good;
    }

    // Shapes that are symbols have no plan until a run: symbols without a number are 1.
    private static Plan PlanOfRandomRun(Session session, Model model, CompileOptions options)
    {
        Dictionary<string, Value> values = model.Inputs.ToDictionary(i => i.Name, Value (i) => RandomInput.Make(i, options.Dimensions, 0));
        using Outputs outputs = session.Run(values);
        return session.Plan ?? throw new InvalidOperationException("the run made no plan");
    }

    private static void WriteLines(Shell shell, string text)
    {
        foreach (string line in text.TrimEnd().Split('\n'))
            shell.Out.WriteLine(ErrorLine.Clean(line));
    }

    private static void WriteGraph(Utf8JsonWriter json, Model model, string stage, Graph graph)
    {
        json.WriteStartObject();
        json.WriteString("stage", stage);
        json.WriteStartObject("opsets");
        foreach ((string domain, int version) in model.Opsets)
            json.WriteNumber(domain.Length == 0 ? "ai.onnx" : domain, version);
        json.WriteEndObject();
        json.WriteNumber("irVersion", model.Metadata.IrVersion);
        json.WriteString("producer", model.Metadata.Producer);
        WriteValues(json, "inputs", graph.Inputs);
        WriteValues(json, "outputs", graph.Outputs);
        json.WriteStartArray("nodes");
        foreach (Node node in graph.Nodes)
        {
            json.WriteStartObject();
            json.WriteString("name", node.Name);
            json.WriteString("op", node.QualifiedOp);
            json.WriteString("fused", node.Fusion.ToString().Trim());
            json.WriteStrings("inputs", node.Inputs.Select(i => i?.Name ?? "").Concat(node.FusedInputs.Select(i => i.Name)));
            WriteValues(json, "outputs", node.Outputs.OfType<GraphValue>());
            json.WriteStrings("origins", node.Origins);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteValues(Utf8JsonWriter json, string name, IEnumerable<GraphValue> values)
    {
        json.WriteStartArray(name);
        foreach (GraphValue value in values)
        {
            json.WriteStartObject();
            json.WriteString("name", value.Name);
            json.WriteString("fact", value.Fact?.ToString() ?? "?");
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WritePlan(Utf8JsonWriter json, string stage, Plan plan, Target target)
    {
        json.WriteStartObject();
        json.WriteString("stage", stage);
        json.WriteString("isa", target.Isa.ToString().ToLowerInvariant());
        json.WriteNumber("threads", target.Threads);
        json.WriteNumber("arenaBytes", plan.ArenaBytes);
        json.WriteNumber("arenaLowerBound", plan.ArenaLowerBound);
        json.WriteNumber("workspaceBytes", plan.WorkspaceBytes);
        json.WriteNumber("packedBytes", plan.PackedBytes);
        json.WriteNumber("constantBytes", plan.ConstantBytes);
        json.WriteStartArray("steps");
        foreach (PlanStep step in plan.Steps)
        {
            json.WriteStartObject();
            json.WriteString("name", step.Name);
            json.WriteString("op", step.Op);
            json.WriteString("algorithm", step.Algorithm);
            json.WriteString("formats", step.Formats.ToString());
            json.WriteString("problem", step.Problem?.Key ?? "");
            json.WriteNumber("workspace", step.WorkspaceBytes);
            json.WriteNumber("packed", step.PackedBytes);
            json.WriteStrings("origins", step.Origins);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
