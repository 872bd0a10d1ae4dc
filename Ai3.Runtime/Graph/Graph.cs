namespace Ai3.Runtime;

/// <summary>Nodes in an order in which each comes after the nodes it reads from, with the graph's inputs and outputs.</summary>
public sealed class Graph
{
    private readonly List<GraphValue> _inputs = [];
    private readonly List<GraphValue> _outputs = [];
    private readonly List<Node> _nodes = [];

    internal Graph(string name) => Name = name;

    /// <summary>The graph's name.</summary>
    public string Name { get; }

    /// <summary>The inputs that a caller gives, in order.</summary>
    public IReadOnlyList<GraphValue> Inputs => _inputs;

    /// <summary>The outputs, in order.</summary>
    public IReadOnlyList<GraphValue> Outputs => _outputs;

    /// <summary>The nodes, sorted topologically.</summary>
    public IReadOnlyList<Node> Nodes => _nodes;

    internal List<GraphValue> InputList => _inputs;

    internal List<GraphValue> OutputList => _outputs;

    internal List<Node> NodeList => _nodes;

    /// <summary>Values of enclosing graphs that this graph's nodes, or those of its subgraphs, read.</summary>
    public IReadOnlyCollection<GraphValue> Captures => CaptureSet;

    internal HashSet<GraphValue> CaptureSet { get; } = [];

    /// <summary>Every value of the graph: inputs, constants and what nodes make.</summary>
    public IEnumerable<GraphValue> Values => _inputs.Concat(_nodes.SelectMany(n => n.Reads.Where(v => v.Constant is not null)))
        .Concat(_nodes.SelectMany(n => n.Outputs.Where(o => o is not null).Select(o => o!)))
        .Concat(_outputs).Distinct();
}
