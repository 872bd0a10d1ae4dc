using System.Text.Json;
using Ai3.Runtime;

namespace Ai3.Cli;

/// <summary>Prints a <see cref="ModelSummary"/>.</summary>
internal static class SummaryText
{
    public static void Write(Shell shell, ModelSummary summary)
    {
        TextWriter o = shell.Out;
        Graph graph = summary.Model.Graph;
        GraphText.WriteHead(shell, summary.Model, graph);
        foreach (GraphValue input in graph.Inputs)
            o.WriteLine(ErrorLine.Clean($"input  {input}"));
        foreach (GraphValue output in graph.Outputs)
            o.WriteLine(ErrorLine.Clean($"output {output}"));
        o.WriteLine($"parameters {Units.Count(summary.Constants.Elements)} in {summary.Constants.Tensors} tensors, {Units.Bytes(summary.Constants.Bytes)}");
        o.WriteLine();
        WriteOperators(shell, summary);
        WriteStages(shell, summary);
        if (summary.Plan is { } plan)
            WritePlan(shell, summary, plan);
        else
            o.WriteLine($"no plan: {summary.NoPlan}");
        foreach (UnsupportedFeature missing in summary.Missing)
            o.WriteLine(ErrorLine.Clean($"not supported: {missing}"));
    }

    public static void WriteJson(Shell shell, ModelSummary summary) => JsonText.Write(shell, json =>
    {
        json.WriteStartObject();
        json.WriteString("stage", "summary");
        GraphText.WriteHead(json, summary.Model, summary.Model.Graph);
        json.WriteNumber("nodes", summary.Model.Graph.Nodes.Count);
        json.WriteNumber("parameters", summary.Constants.Elements);
        json.WriteNumber("parameterTensors", summary.Constants.Tensors);
        json.WriteNumber("parameterBytes", summary.Constants.Bytes);
        WriteOperators(json, summary);
        json.WriteStartArray("unsupported");
        foreach (UnsupportedFeature missing in summary.Missing)
        {
            json.WriteStartObject();
            json.WriteString("node", missing.Node);
            json.WriteString("op", missing.Op);
            json.WriteNumber("opset", missing.Opset);
            json.WriteString("reason", missing.Reason);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (summary.Rewritten is { } rewritten)
        {
            json.WriteNumber("rewrittenNodes", rewritten.Nodes.Count);
            json.WriteNumber("rewrittenConstantBytes", ConstantSummary.Of(rewritten).Bytes);
        }
        json.WriteString("noPlan", summary.NoPlan);
        if (summary.Plan is { } plan)
            WritePlan(json, summary, plan);
        json.WriteEndObject();
    });

    private static void WriteOperators(Shell shell, ModelSummary summary)
    {
        var table = new TextTable("operator", ">nodes", ">parameters", "not supported");
        foreach (OperatorSummary op in summary.Operators)
            table.Add(ErrorLine.Clean(op.Op), $"{op.Nodes}", op.Parameters > 0 ? Units.Count(op.Parameters) : "-", ErrorLine.Clean(op.Missing));
        table.WriteTo(shell);
        shell.Out.WriteLine();
    }

    private static void WriteStages(Shell shell, ModelSummary summary)
    {
        var table = new TextTable("stage", ">nodes", ">constants", ">bytes of constants");
        void Add(string stage, Graph graph)
        {
            ConstantSummary constants = ConstantSummary.Of(graph);
            table.Add(stage, $"{graph.Nodes.Count}", $"{constants.Tensors}", Units.Bytes(constants.Bytes));
        }
        Add("import", summary.Model.Graph);
        if (summary.Rewritten is { } rewritten)
            Add("rewritten", rewritten);
        if (summary.Plan is { } plan)
            table.Add("plan", $"{plan.Steps.Length}", "", Units.Bytes(plan.PackedBytes + plan.ConstantBytes));
        table.WriteTo(shell);
        shell.Out.WriteLine();
    }

    private static void WritePlan(Shell shell, ModelSummary summary, Plan plan)
    {
        var table = new TextTable("steps of the plan", ">steps", ">operations", ">share", ">bytes", "algorithms");
        double all = summary.Steps.Sum(s => s.Flops);
        foreach (StepSummary step in summary.Steps)
            table.Add(step.Op, $"{step.Steps}", step.Flops > 0 ? Units.Count(step.Flops) : "-", step.Flops > 0 ? Units.Percent(step.Flops / all) : "-", Units.Bytes(step.Bytes), step.Algorithms);
        table.Add("all", $"{plan.Steps.Length}", Units.Count(all), "", Units.Bytes(summary.Steps.Sum(s => s.Bytes)), "");
        table.WriteTo(shell);
        shell.Out.WriteLine();
        shell.Out.WriteLine($"target {summary.Target!.Isa.ToString().ToLowerInvariant()}, {Units.Threads(summary.Target.Threads)}");
        shell.Out.WriteLine($"memory values {Units.Bytes(plan.ArenaBytes)} (lower bound {Units.Bytes(plan.ArenaLowerBound)}), workspace {Units.Bytes(plan.WorkspaceBytes)}, "
            + $"packed constants {Units.Bytes(plan.PackedBytes)}, constants in place {Units.Bytes(plan.ConstantBytes)}");
    }

    private static void WriteOperators(Utf8JsonWriter json, ModelSummary summary)
    {
        json.WriteStartArray("operators");
        foreach (OperatorSummary op in summary.Operators)
        {
            json.WriteStartObject();
            json.WriteString("op", op.Op);
            json.WriteNumber("nodes", op.Nodes);
            json.WriteNumber("parameters", op.Parameters);
            json.WriteString("missing", op.Missing);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WritePlan(Utf8JsonWriter json, ModelSummary summary, Plan plan)
    {
        json.WriteString("isa", summary.Target!.Isa.ToString().ToLowerInvariant());
        json.WriteNumber("threads", summary.Target.Threads);
        json.WriteReal("flops", summary.Steps.Sum(s => s.Flops));
        json.WriteNumber("arenaBytes", plan.ArenaBytes);
        json.WriteNumber("arenaLowerBound", plan.ArenaLowerBound);
        json.WriteNumber("workspaceBytes", plan.WorkspaceBytes);
        json.WriteNumber("packedBytes", plan.PackedBytes);
        json.WriteNumber("constantBytes", plan.ConstantBytes);
        json.WriteStartArray("steps");
        foreach (StepSummary step in summary.Steps)
        {
            json.WriteStartObject();
            json.WriteString("op", step.Op);
            json.WriteNumber("steps", step.Steps);
            json.WriteReal("flops", step.Flops);
            json.WriteReal("bytes", step.Bytes);
            json.WriteString("algorithms", step.Algorithms);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
