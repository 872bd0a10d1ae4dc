using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Steps in order with the memory they use: everything decided for one set of input shapes. Immutable and shared by all runs.</summary>
internal sealed class ExecutablePlan
{
    public required ImmutableArray<PlanStep> Steps { get; init; }

    /// <summary>What was decided for each node that is resolved before the run, views among them, in order.</summary>
    public ImmutableArray<NodeSelection> Selections { get; init; } = [];

    /// <summary>Types and shapes of the graph's inputs; null where the caller's value is no tensor of known shape.</summary>
    public required ImmutableArray<TensorType?> Inputs { get; init; }

    /// <summary>Types and shapes of the graph's outputs; null where only the run knows.</summary>
    public required ImmutableArray<TensorType?> Outputs { get; init; }

    /// <summary>For each graph output that only the run knows, the object that holds it; otherwise -1.</summary>
    public required ImmutableArray<int> OutputObjects { get; init; }

    /// <summary>For each graph input, the object that dynamic steps read it from, or -1.</summary>
    public required ImmutableArray<int> InputObjects { get; init; }

    /// <summary>How many objects dynamic steps and inputs make.</summary>
    public required int ObjectCount { get; init; }

    /// <summary>Objects that are constants without an address, copied for each run.</summary>
    public required ImmutableArray<(int Object, Tensor Constant)> ConstantObjects { get; init; }

    /// <summary>Bytes of planned values.</summary>
    public required long ArenaBytes { get; init; }

    /// <summary>The least bytes any placement of the planned values could take.</summary>
    public required long ArenaLowerBound { get; init; }

    /// <summary>Bytes of workspace, shared by all steps.</summary>
    public required long WorkspaceBytes { get; init; }

    /// <summary>Bytes of packed constants that this plan's kernels read.</summary>
    public required long PackedBytes { get; init; }

    /// <summary>Bytes of constants that the model's file or folding made.</summary>
    public required long ConstantBytes { get; init; }

    /// <summary>Packed constants and tensors that must live as long as the plan.</summary>
    public required ImmutableArray<object> KeepAlive { get; init; }

    /// <summary>Addresses of one run: for each step its inputs, then its outputs.</summary>
    public required int AddressCount { get; init; }

    /// <summary>Constants that take the place of those the contexts were made with; empty unless the plan was resized.</summary>
    public ImmutableArray<PlacedConstant> PlacedConstants { get; private init; } = [];

    /// <summary>Memory for runs of this plan, and of the plan it was resized from.</summary>
    public RunContextPool Contexts { get; private init; } = new();

    /// <summary>The same plan for other sizes: steps in the same order over the same memory.</summary>
    public ExecutablePlan Resized(
        ImmutableArray<PlanStep> steps, ImmutableArray<PlacedConstant> constants, ImmutableArray<TensorType?> inputs, ImmutableArray<TensorType?> outputs) => new()
        {
            Steps = steps,
            Selections = Selections,
            PlacedConstants = constants,
            Inputs = inputs,
            Outputs = outputs,
            OutputObjects = OutputObjects,
            InputObjects = InputObjects,
            ConstantObjects = ConstantObjects,
            ObjectCount = ObjectCount,
            ArenaBytes = ArenaBytes,
            ArenaLowerBound = ArenaLowerBound,
            WorkspaceBytes = WorkspaceBytes,
            PackedBytes = PackedBytes,
            ConstantBytes = ConstantBytes,
            KeepAlive = KeepAlive,
            AddressCount = AddressCount,
            Contexts = Contexts,
        };

    /// <summary>Bytes one run takes beside constants.</summary>
    public long RunBytes => ShapeMath.Add(ArenaBytes, WorkspaceBytes);
}

/// <summary>A constant at a place in a run's table of addresses.</summary>
/// <param name="Place">The index in the table.</param>
/// <param name="Constant">The constant.</param>
internal readonly record struct PlacedConstant(int Place, Tensor Constant);
