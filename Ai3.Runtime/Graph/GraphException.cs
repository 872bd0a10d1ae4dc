namespace Ai3.Runtime;

/// <summary>Shapes, types, names or attributes of a graph that contradict each other.</summary>
/// <param name="message">One line: what is wrong and what would be right.</param>
/// <param name="node">The node at fault, if it is one.</param>
/// <param name="op">The operator at fault, if it is one.</param>
/// <param name="inner">The cause.</param>
public sealed class GraphException(string message, string? node = null, string? op = null, Exception? inner = null)
    : Exception(OneLine.Of(node is null && op is null ? message : $"node '{node}' ({op}): {message}"), inner)
{
    /// <summary>The node at fault, or null.</summary>
    public string? Node { get; } = node;

    /// <summary>The operator at fault, or null.</summary>
    public string? Op { get; } = op;
}
