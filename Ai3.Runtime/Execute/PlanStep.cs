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

    /// <summary>The algorithm; <c>run time</c> for a step that is decided while running.</summary>
    public required string Algorithm { get; init; }

    /// <summary>The layouts.</summary>
    public FormatChoice Formats { get; init; } = FormatChoice.Plain;

    /// <summary>The problem; null for a step that is decided while running.</summary>
    public Problem? Problem { get; init; }

    /// <summary>Bytes of workspace.</summary>
    public long WorkspaceBytes { get; init; }

    /// <summary>Bytes of packed constants.</summary>
    public long PackedBytes { get; init; }

    /// <summary>The nodes of the model that the step stands for.</summary>
    public ImmutableArray<string> Origins { get; init; } = [];

    /// <summary>The same step for another size of its operands.</summary>
    internal PlanStep Resized(Problem? problem, PreparedKernel kernel) => new()
    {
        Name = Name,
        Op = Op,
        Algorithm = Algorithm,
        Formats = Formats,
        Problem = problem,
        WorkspaceBytes = WorkspaceBytes,
        PackedBytes = PackedBytes,
        Origins = Origins,
        Selection = Selection,
        Kernel = kernel,
        InputSlots = InputSlots,
        OutputSlots = OutputSlots,
        FirstAddress = FirstAddress,
    };

    /// <summary>What was decided and from what; null where nothing was to be decided.</summary>
    internal NodeSelection? Selection { get; init; }

    /// <summary>The kernel; null for a step that is decided while running.</summary>
    internal PreparedKernel? Kernel { get; init; }

    /// <summary>Memory of the inputs in kernel order; null for an absent one.</summary>
    internal ImmutableArray<PlanSlot?> InputSlots { get; init; } = [];

    /// <summary>Memory of the outputs in kernel order; null for one that nobody reads.</summary>
    internal ImmutableArray<PlanSlot?> OutputSlots { get; init; } = [];

    /// <summary>What a step decided while running computes; null for a kernel.</summary>
    internal DynamicNode? Dynamic { get; init; }

    /// <summary>Where the step's addresses begin in a run's table.</summary>
    internal int FirstAddress { get; set; }
}
