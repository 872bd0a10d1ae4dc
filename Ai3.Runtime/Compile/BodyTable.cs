using System.Collections.Immutable;

namespace Ai3.Runtime;

/// <summary>The compiled subgraphs of a model, by the node that owns them and the attribute that holds them.</summary>
internal sealed class BodyTable : IDisposable
{
    private readonly Dictionary<Node, ImmutableSortedDictionary<string, Body>> _bodies = [];

    /// <summary>Adds the subgraphs of a node.</summary>
    public void Add(Node node, ImmutableSortedDictionary<string, Body> bodies) => _bodies.Add(node, bodies);

    /// <summary>The subgraphs of a node; empty if it has none.</summary>
    public ImmutableSortedDictionary<string, Body> Of(Node node) =>
        _bodies.GetValueOrDefault(node, ImmutableSortedDictionary<string, Body>.Empty);

    public void Dispose()
    {
        foreach (Body body in _bodies.Values.SelectMany(b => b.Values))
            body.Dispose();
    }
}
