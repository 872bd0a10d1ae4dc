using System.Collections.Immutable;
using Ai3.Ops;

namespace Ai3.Runtime;

/// <summary>A node whose problem is resolved, ready to be selected for.</summary>
internal sealed record SelectionNode(Node Node, OpDefinition Op, Problem Problem);

/// <summary>What was decided for one node, and from what.</summary>
internal sealed class NodeSelection(Node node, Problem problem, CandidateSet set, ImmutableArray<string> names, IReadOnlyList<Candidate> admitted)
{
    public Node Node { get; } = node;

    public Problem Problem { get; } = problem;

    /// <summary>Every row's verdict.</summary>
    public CandidateSet Set { get; } = set;

    /// <summary>The names that the selector gave.</summary>
    public ImmutableArray<string> Names { get; } = names;

    /// <summary>What the names admit.</summary>
    public IReadOnlyList<Candidate> Admitted { get; } = admitted;

    /// <summary>The choice so far, or null.</summary>
    public Candidate? PickedOrNull { get; private set; }

    /// <summary>The choice.</summary>
    public Candidate Winner => PickedOrNull ?? throw new InvalidOperationException($"node '{Node.Name}' has no choice yet");

    public void Pick(Candidate candidate) => PickedOrNull = candidate;
}
