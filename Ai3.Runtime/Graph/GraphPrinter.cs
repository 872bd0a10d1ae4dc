using System.Globalization;
using System.Text;

namespace Ai3.Runtime;

/// <summary>Prints a graph: inputs, nodes in order with facts, outputs.</summary>
public static class GraphPrinter
{
    /// <summary>The graph as text, one line a node.</summary>
    public static string Print(Graph graph)
    {
        var text = new StringBuilder();
        Print(graph, text, "");
        return text.ToString();
    }

    private static void Print(Graph graph, StringBuilder text, string indent)
    {
        foreach (GraphValue input in graph.Inputs)
            text.AppendLine(CultureInfo.InvariantCulture, $"{indent}input  {input}");
        foreach (Node node in graph.Nodes)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{indent}{node} -> {string.Join(", ", node.Outputs.Select(o => o?.Fact?.ToString() ?? "?"))}");
            foreach ((string name, Graph body) in node.Subgraphs)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"{indent}  {name}:");
                Print(body, text, indent + "    ");
            }
        }
        foreach (GraphValue output in graph.Outputs)
            text.AppendLine(CultureInfo.InvariantCulture, $"{indent}output {output}");
    }
}
