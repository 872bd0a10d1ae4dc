using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>One node of a run with the values it read and made; they are valid until the enumeration goes on.</summary>
public sealed record TracedNode
{
    /// <summary>The node, of the rewritten graph.</summary>
    public required Node Node { get; init; }

    /// <summary>Its operator; null for one that runs subgraphs.</summary>
    public required OpDefinition? Op { get; init; }

    /// <summary>The resolved problem; null for a node that only the run resolves.</summary>
    public Problem? Problem { get; init; }

    /// <summary>Who computed it; null for a node that only the run resolves.</summary>
    public Candidate? Winner { get; init; }

    /// <summary>What was read, row-major: with a problem in its order, fused inputs last; null for an absent one.</summary>
    public required ImmutableArray<Value?> Inputs { get; init; }

    /// <summary>What was made, row-major; null for an output that nobody reads.</summary>
    public required ImmutableArray<Value?> Outputs { get; init; }
}
