using System.Collections.Immutable;

namespace Ai3.Runtime;

/// <summary>The compiled subgraphs of a model, by the node that owns them and the attribute that holds them.</summary>
internal sealed class BodyTable : IDisposable
{
    private readonly Dictionary<Node, ImmutableSortedDictionary<string, GraphExecutor>> _bodies = [];

    /// <summary>Adds the subgraphs of a node.</summary>
    public void Add(Node node, ImmutableSortedDictionary<string, GraphExecutor> bodies) => _bodies.Add(node, bodies);

    /// <summary>The subgraphs of a node; empty if it has none.</summary>
    public ImmutableSortedDictionary<string, GraphExecutor> Of(Node node) =>
        _bodies.GetValueOrDefault(node, ImmutableSortedDictionary<string, GraphExecutor>.Empty);

    public void Dispose()
    {
        foreach (GraphExecutor body in _bodies.Values.SelectMany(b => b.Values))
            body.Dispose();
    }
}
