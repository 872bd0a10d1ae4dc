using Ai3.Ops;

namespace Ai3.Runtime;

/// <summary>A pattern in a graph and what stands in its place; can be left out by name.</summary>
internal interface IRewrite
{
    /// <summary>The name that switches it off.</summary>
    string Name { get; }

    /// <summary>Applies the rewrite wherever it fits.</summary>
    /// <returns>True if anything changed.</returns>
    bool Apply(RewriteContext context);
}

/// <summary>A graph under compilation, with its facts on the values.</summary>
internal sealed class RewriteContext(Graph graph, OpCatalog catalog, FoldedConstants folded, Target target)
{
    public Graph Graph => graph;

    public OpCatalog Catalog => catalog;

    /// <summary>The machine, for rewrites that pay on some only.</summary>
    public Target Target => target;

    public GraphPatch Patch { get; } = new(graph, folded);

    /// <summary>Nodes of an ai.onnx operator, safe against changes on the way.</summary>
    public IEnumerable<Node> NodesOf(params string[] ops) =>
        graph.Nodes.Where(n => n.Domain.Length == 0 && ops.Contains(n.OpType)).ToArray().Where(n => graph.NodeList.Contains(n));

    /// <summary>The one node that reads a node's first output, if it is of the operator; otherwise null.</summary>
    public Node? OnlyReader(Node node, params string[] ops) =>
        node.Outputs.Count >= 1 && node.Outputs.Skip(1).All(o => o is null) && node.Outputs[0] is { } output && Patch.IsUsedOnce(output)
        && output.Readers[0] is { Domain: "" } reader && ops.Contains(reader.OpType) ? reader : null;
}
