using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>An edge of a graph: a value with its name, its facts, who makes it and who reads it.</summary>
public sealed class GraphValue
{
    private readonly List<Node> _readers = [];

    internal GraphValue(string name, ValueFact? fact)
    {
        Name = name;
        Fact = fact;
    }

    /// <summary>The name, unique in its graph.</summary>
    public string Name { get; }

    /// <summary>What is known of the value; null if nothing is yet.</summary>
    public ValueFact? Fact { get; internal set; }

    /// <summary>The value itself, where it is a constant.</summary>
    public Tensor? Constant { get; internal set; }

    /// <summary>The node that makes the value; null for inputs and constants.</summary>
    public Node? Producer { get; internal set; }

    /// <summary>The nodes that read the value, once for each reading input; nodes of subgraphs included.</summary>
    public IReadOnlyList<Node> Readers => _readers;

    internal List<Node> ReaderList => _readers;

    /// <summary>The facts, if the value is a tensor.</summary>
    public TensorFact? Tensor => Fact as TensorFact;

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Fact?.ToString() ?? "?"}";
}
