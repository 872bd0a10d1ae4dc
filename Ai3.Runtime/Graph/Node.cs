using System.Collections.Immutable;
using Ai3.Ops;

namespace Ai3.Runtime;

/// <summary>One operation of a graph.</summary>
public sealed class Node
{
    private readonly List<GraphValue?> _inputs = [];
    private readonly List<GraphValue> _fusedInputs = [];
    private readonly List<GraphValue?> _outputs = [];

    internal Node(string name, string domain, string opType, Attributes attributes)
    {
        Name = name;
        Domain = domain;
        OpType = opType;
        Attributes = attributes;
    }

    /// <summary>The name, unique in its graph: the model's own, or made from the operator and the first output.</summary>
    public string Name { get; }

    /// <summary>The operator's domain; empty for ai.onnx.</summary>
    public string Domain { get; }

    /// <summary>The operator.</summary>
    public string OpType { get; }

    /// <summary>The operator with its domain.</summary>
    public string QualifiedOp => Domain.Length == 0 ? OpType : $"{Domain}.{OpType}";

    /// <summary>The attributes, subgraphs apart.</summary>
    public Attributes Attributes { get; internal set; }

    /// <summary>The version of the operator's domain that the model imports.</summary>
    public int Opset { get; internal init; }

    /// <summary>Subgraphs by attribute name.</summary>
    public ImmutableSortedDictionary<string, Graph> Subgraphs { get; internal set; } = ImmutableSortedDictionary<string, Graph>.Empty;

    /// <summary>The operator's own inputs, null for an absent one; in a compiled graph followed by what its subgraphs capture.</summary>
    public IReadOnlyList<GraphValue?> Inputs => _inputs;

    /// <summary>How many of the last inputs are captures, which every subgraph takes after its own inputs in the same order.</summary>
    internal int CapturedCount { get; set; }

    /// <summary>How many of the first inputs are the operator's own.</summary>
    internal int FormalCount => _inputs.Count - CapturedCount;

    /// <summary>The inputs of fused parts: residual, scale, shift.</summary>
    public IReadOnlyList<GraphValue> FusedInputs => _fusedInputs;

    /// <summary>The outputs; null for one that nobody reads.</summary>
    public IReadOnlyList<GraphValue?> Outputs => _outputs;

    /// <summary>What is computed around the operation in the same step.</summary>
    public Fusion Fusion { get; internal set; } = Fusion.None;

    /// <summary>The nodes of the model that this node stands for, where rewrites merged some: names, in order.</summary>
    public ImmutableArray<string> Origins { get; internal set; } = [];

    internal List<GraphValue?> InputList => _inputs;

    internal List<GraphValue> FusedInputList => _fusedInputs;

    internal List<GraphValue?> OutputList => _outputs;

    /// <summary>Every value the node reads, fused inputs included, absent ones left out.</summary>
    public IEnumerable<GraphValue> Reads => _inputs.Where(v => v is not null).Select(v => v!).Concat(_fusedInputs);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Name}: {string.Join(", ", _outputs.Select(o => o?.Name ?? "_"))} = {QualifiedOp}{Fusion}({string.Join(", ", _inputs.Select(i => i?.Name ?? "_").Concat(_fusedInputs.Select(v => v.Name)))})";
}
