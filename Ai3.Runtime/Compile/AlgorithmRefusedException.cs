using System.Collections.Immutable;

namespace Ai3.Runtime;

/// <summary>A node that a pinned algorithm does not apply to.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Op">The operator.</param>
/// <param name="Algorithm">The name or names asked for.</param>
/// <param name="Reason">Why it does not apply.</param>
public sealed record RefusedNode(string Node, string Op, string Algorithm, string Reason);

/// <summary>Pinned algorithms do not apply to some nodes.</summary>
/// <param name="nodes">Each refused node and why.</param>
public sealed class AlgorithmRefusedException(ImmutableArray<RefusedNode> nodes) : Exception(Describe(nodes))
{
    private const int Shown = 5;

    /// <summary>Each refused node and why.</summary>
    public ImmutableArray<RefusedNode> Nodes { get; } = nodes;

    private static string Describe(ImmutableArray<RefusedNode> nodes)
    {
        IEnumerable<string> shown = nodes.Take(Shown).Select(n => $"node '{n.Node}' ({n.Op}): {n.Algorithm} refused: {n.Reason}");
        string more = nodes.Length > Shown ? $"; and {nodes.Length - Shown} more nodes" : "";
        return $"{string.Join("; ", shown)}{more}; a list such as {nodes[0].Op}={nodes[0].Algorithm},auto falls back where a name does not apply";
    }
}
