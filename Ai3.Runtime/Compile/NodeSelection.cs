using System.Collections.Immutable;
using Ai3.Ops;

namespace Ai3.Runtime;

/// <summary>A node whose problem is resolved, ready to be selected for.</summary>
internal sealed record SelectionNode(Node Node, OpDefinition Op, Problem Problem);

/// <summary>What was decided for one node, and from what.</summary>
internal sealed class NodeSelection(Node node, Problem problem, CandidateSet set, ImmutableArray<string> names, string source, IReadOnlyList<Candidate> admitted)
{
    /// <summary>The source of what a saved plan decides.</summary>
    public const string SavedPlan = "saved plan";

    public Node Node { get; } = node;

    public Problem Problem { get; } = problem;

    /// <summary>Every row's verdict.</summary>
    public CandidateSet Set { get; } = set;

    /// <summary>The names that the selector gave.</summary>
    public ImmutableArray<string> Names { get; } = names;

    /// <summary>What gave the names: an operator, a node pattern, a saved plan; empty for the default.</summary>
    public string Source { get; } = source;

    /// <summary>What the names admit.</summary>
    public IReadOnlyList<Candidate> Admitted { get; } = admitted;

    /// <summary>The choice so far, or null.</summary>
    public Candidate? PickedOrNull { get; private set; }

    /// <summary>The choice.</summary>
    public Candidate Winner => PickedOrNull ?? throw new InvalidOperationException($"node '{Node.Name}' has no choice yet");

    /// <summary>Why the choice is what it is.</summary>
    public string Why
    {
        get
        {
            string asked = Source is "" or SavedPlan ? $"'{string.Join(",", Names)}'" : $"'{Source}={string.Join(",", Names)}'";
            return Source == SavedPlan ? Admitted.Count == 1 ? "pinned by the saved plan" : "pinned by the saved plan, in the layouts of least cost"
                : Admitted.Count == 1 ? $"the only one that {asked} admits" : $"least cost with layout changes among {asked}";
        }
    }

    public void Pick(Candidate candidate) => PickedOrNull = candidate;
}
