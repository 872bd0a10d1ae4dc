using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>A value by name with what is declared of it.</summary>
/// <param name="Name">The name, unique in its graph.</param>
/// <param name="Fact">Element type and shape, as declared; null if nothing is.</param>
public readonly record struct ValueSpec(string Name, ValueFact? Fact);

/// <summary>A node by names: what a file or a builder says before anything is linked.</summary>
/// <param name="Name">The node's name; may be empty.</param>
/// <param name="Domain">The operator's domain; empty for ai.onnx.</param>
/// <param name="OpType">The operator.</param>
/// <param name="Inputs">Names of the inputs; empty for an absent optional one.</param>
/// <param name="Outputs">Names of the outputs; empty for one that nobody reads.</param>
/// <param name="Attributes">Attributes other than subgraphs.</param>
/// <param name="Subgraphs">Subgraphs by attribute name.</param>
public sealed record NodeSpec(
    string Name,
    string Domain,
    string OpType,
    ImmutableArray<string> Inputs,
    ImmutableArray<string> Outputs,
    Attributes Attributes,
    ImmutableSortedDictionary<string, GraphSpec> Subgraphs)
{
    /// <summary>The version of the domain that the node means, where it is not the model's: inlined functions import their own.</summary>
    public int? Opset { get; init; }
}

/// <summary>A graph by names, nodes in any order.</summary>
/// <param name="Name">The graph's name.</param>
/// <param name="Inputs">Inputs in order; one that is also in <paramref name="Initializers"/> has that value as its default.</param>
/// <param name="Outputs">Outputs in order.</param>
/// <param name="Initializers">Constants by name.</param>
/// <param name="Nodes">The nodes.</param>
/// <param name="Declared">Facts declared of inner values.</param>
public sealed record GraphSpec(
    string Name,
    ImmutableArray<ValueSpec> Inputs,
    ImmutableArray<ValueSpec> Outputs,
    ImmutableArray<KeyValuePair<string, Tensor>> Initializers,
    ImmutableArray<NodeSpec> Nodes,
    ImmutableArray<ValueSpec> Declared);
