using System.Text.Json;
using Ai3.Runtime;

namespace Ai3.Cli;

/// <summary>Prints graphs, and what a model says about itself.</summary>
internal static class GraphText
{
    public static void Write(Shell shell, Model model, Graph graph)
    {
        WriteHead(shell, model, graph);
        WriteLines(shell, GraphPrinter.Print(graph));
        foreach (IGrouping<string, Node> op in graph.Nodes.GroupBy(n => n.QualifiedOp).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal))
            shell.Out.WriteLine($"{op.Count(),6} x {ErrorLine.Clean(op.Key)}");
    }

    public static void WriteHead(Shell shell, Model model, Graph graph)
    {
        ModelMetadata m = model.Metadata;
        shell.Out.WriteLine($"graph '{ErrorLine.Clean(graph.Name)}': {graph.Nodes.Count} nodes");
        string opsets = string.Join(", ", model.Opsets.Select(o => $"{(o.Key.Length == 0 ? "ai.onnx" : o.Key)} {o.Value}"));
        shell.Out.WriteLine(ErrorLine.Clean($"opset  {opsets}; IR version {m.IrVersion}; by '{m.Producer}'"));
        if (m.Description.Length > 0)
            shell.Out.WriteLine($"about  {ErrorLine.Clean(m.Description)}");
        foreach ((string key, string value) in m.Properties)
            shell.Out.WriteLine($"       {ErrorLine.Clean($"{key} = {value}")}");
    }

    public static void WriteLines(Shell shell, string text)
    {
        foreach (string line in text.TrimEnd().Split('\n'))
            shell.Out.WriteLine(ErrorLine.Clean(line));
    }

    public static void WriteJson(Shell shell, Model model, string stage, Graph graph) => JsonText.Write(shell, json =>
    {
        json.WriteStartObject();
        json.WriteString("stage", stage);
        WriteHead(json, model, graph);
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
    });

    /// <summary>Opsets, origin, inputs and outputs, as properties of the object being written.</summary>
    public static void WriteHead(Utf8JsonWriter json, Model model, Graph graph)
    {
        json.WriteStartObject("opsets");
        foreach ((string domain, int version) in model.Opsets)
            json.WriteNumber(domain.Length == 0 ? "ai.onnx" : domain, version);
        json.WriteEndObject();
        json.WriteNumber("irVersion", model.Metadata.IrVersion);
        json.WriteString("producer", model.Metadata.Producer);
        WriteValues(json, "inputs", graph.Inputs);
        WriteValues(json, "outputs", graph.Outputs);
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
}
