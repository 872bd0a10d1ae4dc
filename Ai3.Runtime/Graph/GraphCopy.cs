using System.Collections.Immutable;

namespace Ai3.Runtime;

/// <summary>A copy of a graph that can be rewritten on its own; constants are shared.</summary>
internal sealed class GraphCopy
{
    private readonly Dictionary<GraphValue, GraphValue> _values = [];

    private GraphCopy() { }

    /// <summary>Copies a graph whose subgraphs are closed.</summary>
    public static Graph Of(Graph graph) => new GraphCopy().Copy(graph);

    private Graph Copy(Graph graph)
    {
        var copy = new Graph(graph.Name);
        copy.InputList.AddRange(graph.Inputs.Select(Copy));
        foreach (Node node in graph.Nodes)
            copy.NodeList.Add(Copy(node));
        copy.OutputList.AddRange(graph.Outputs.Select(Copy));
        return copy;
    }

    private Node Copy(Node node)
    {
        var copy = new Node(node.Name, node.Domain, node.OpType, node.Attributes)
        {
            Opset = node.Opset,
            Fusion = node.Fusion,
            Origins = node.Origins,
            CapturedCount = node.CapturedCount,
            Subgraphs = node.Subgraphs.ToImmutableSortedDictionary(s => s.Key, s => Of(s.Value), StringComparer.Ordinal),
        };
        foreach (GraphValue? input in node.Inputs)
        {
            GraphValue? value = input is null ? null : Copy(input);
            copy.InputList.Add(value);
            value?.ReaderList.Add(copy);
        }
        foreach (GraphValue input in node.FusedInputs)
        {
            GraphValue value = Copy(input);
            copy.FusedInputList.Add(value);
            value.ReaderList.Add(copy);
        }
        foreach (GraphValue? output in node.Outputs)
        {
            GraphValue? value = output is null ? null : Copy(output);
            copy.OutputList.Add(value);
            if (value is not null)
                value.Producer = copy;
        }
        return copy;
    }

    private GraphValue Copy(GraphValue value)
    {
        if (!_values.TryGetValue(value, out GraphValue? copy))
            _values[value] = copy = new GraphValue(value.Name, value.Fact) { Constant = value.Constant };
        return copy;
    }
}
