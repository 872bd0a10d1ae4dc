using System.Collections.Immutable;
using Ai3.Ops;

namespace Ai3.Runtime;

/// <summary>What a selector function sees of a node: names and shapes in numbers.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Op">The operator.</param>
/// <param name="Index">The node's place among the nodes of its operator, from 0.</param>
/// <param name="Problem">The resolved problem.</param>
public sealed record NodeView(string Name, string Op, int Index, Problem Problem)
{
    /// <summary>Element types and shapes of the inputs.</summary>
    public ImmutableArray<TensorType> Inputs => Problem.Inputs;

    /// <summary>Element types and shapes of the outputs.</summary>
    public ImmutableArray<TensorType> Outputs => Problem.Outputs;

    /// <summary>The batch: input dimension 0, or 1.</summary>
    public long Batch => InputDim(0);

    /// <summary>Input dimension 1, or 1.</summary>
    public long InputChannels => InputDim(1);

    /// <summary>Input dimension 2, or 1.</summary>
    public long InputHeight => InputDim(2);

    /// <summary>Input dimension 3, or 1.</summary>
    public long InputWidth => InputDim(3);

    /// <summary>Output dimension 1, or 1.</summary>
    public long OutputChannels => Dim(Outputs, 0, 1);

    /// <summary>Output dimension 2, or 1.</summary>
    public long OutputHeight => Dim(Outputs, 0, 2);

    /// <summary>Output dimension 3, or 1.</summary>
    public long OutputWidth => Dim(Outputs, 0, 3);

    /// <summary>Weight dimension 2, or 1.</summary>
    public long KernelHeight => Dim(Inputs, 1, 2);

    /// <summary>Weight dimension 3, or 1.</summary>
    public long KernelWidth => Dim(Inputs, 1, 3);

    private long InputDim(int axis) => Dim(Inputs, 0, axis);

    private static long Dim(ImmutableArray<TensorType> operands, int index, int axis) =>
        index < operands.Length && !operands[index].IsAbsent && axis < operands[index].Shape.Rank ? operands[index].Shape[axis] : 1;
}
