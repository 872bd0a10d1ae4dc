using System.Collections.Immutable;
using Ai3.Ops;

namespace Ai3.Runtime;

/// <summary>A node under construction: its operands may still be renamed.</summary>
internal sealed record BuilderNode(
    string Name, string Domain, string OpType, ImmutableArray<Operand?> Inputs, ImmutableArray<Operand> Outputs, Attributes Attributes,
    ImmutableSortedDictionary<string, GraphBuilder> Bodies)
{
    /// <summary>The node by names.</summary>
    public NodeSpec ToSpec(Func<GraphBuilder, GraphSpec> specOf) => new(
        Name, Domain, OpType,
        [.. Inputs.Select(i => i?.Name ?? "")],
        [.. Outputs.Select(o => o.Name)],
        Attributes,
        Bodies.ToImmutableSortedDictionary(b => b.Key, b => specOf(b.Value), StringComparer.Ordinal));
}
