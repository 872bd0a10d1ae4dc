using System.Collections.Immutable;
using Ai3.Ops;

namespace Ai3.Runtime;

/// <summary>One step of a plan: what it computes, by which algorithm, in which layouts.</summary>
public sealed class PlanStep
{
    internal PlanStep() { }

    /// <summary>The node's name; for a reorder, the value's.</summary>
    public required string Name { get; init; }

    /// <summary>The operator; <c>Reorder</c> and <c>Copy</c> are the plan's own.</summary>
    public required string Op { get; init; }

    /// <summary>The algorithm; <c>host</c> or <c>dynamic</c> for steps that are decided at run time.</summary>
    public required string Algorithm { get; init; }

    /// <summary>The layouts.</summary>
    public required FormatChoice Formats { get; init; }

    /// <summary>The problem; null for a step that is decided at run time.</summary>
    public required Problem? Problem { get; init; }

    /// <summary>Bytes of workspace.</summary>
    public required long WorkspaceBytes { get; init; }

    /// <summary>The nodes of the model that the step stands for.</summary>
    public ImmutableArray<string> Origins { get; init; } = [];
}
