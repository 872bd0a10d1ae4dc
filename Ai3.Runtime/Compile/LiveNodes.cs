using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>The nodes that must run under one set of numbers, and which of them only the run can resolve.</summary>
internal sealed class LiveNodes
{
    private readonly HashSet<Node> _dynamic = [];
    private readonly Dictionary<GraphValue, int> _uses = [];

    private LiveNodes(ImmutableArray<Node> order) => Order = order;

    /// <summary>The nodes to run, in order.</summary>
    public ImmutableArray<Node> Order { get; }

    /// <summary>True if the node is resolved while running.</summary>
    public bool IsDynamic(Node node) => _dynamic.Contains(node);

    /// <summary>How many nodes and graph outputs read a value.</summary>
    public int Uses(GraphValue value) => _uses.GetValueOrDefault(value);

    public static LiveNodes Of(Graph graph, FactTable facts, OpCatalog catalog)
    {
        var needed = new HashSet<GraphValue>(graph.Outputs.Where(o => facts.ConstantOf(o) is null));
        var reversed = new List<Node>();
        for (int i = graph.Nodes.Count - 1; i >= 0; i--)
        {
            Node node = graph.Nodes[i];
            if (!node.Outputs.Any(o => o is not null && needed.Contains(o)))
                continue;
            reversed.Add(node);
            foreach (GraphValue read in node.Reads)
                if (facts.ConstantOf(read) is null)
                    needed.Add(read);
        }
        reversed.Reverse();
        var live = new LiveNodes([.. reversed]);
        foreach (Node node in live.Order)
        {
            foreach (GraphValue read in node.Reads)
                live._uses[read] = live.Uses(read) + 1;
            if (node.Subgraphs.Count > 0 || !IsStatic(node, facts, catalog.Find(node.Domain, node.OpType, node.Opset)!))
                live._dynamic.Add(node);
        }
        foreach (GraphValue output in graph.Outputs)
            live._uses[output] = live.Uses(output) + 1;
        return live;
    }

    private static bool IsStatic(Node node, FactTable facts, OpDefinition op)
    {
        NodeFacts view = NodeFactsOf.Create(node, facts.Of, static () => Dim.Symbol("?"));
        if (op.RunsOnHost(view))
            return false;
        for (int i = 0; i < node.Inputs.Count; i++)
        {
            if (node.Inputs[i] is not { } input)
                continue;
            if (facts.TensorOf(input) is not { IsKnown: true } fact || (fact.Constant is null && op.ReadsValues(view, i)))
                return false;
        }
        return node.Outputs.All(o => o is null || facts.TensorOf(o) is { IsKnown: true });
    }
}
