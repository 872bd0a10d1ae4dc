using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>An operator that runs subgraphs. It belongs to the runtime and not to the catalog: it has steps, not kernels.</summary>
internal abstract class ControlFlowOp
{
    /// <summary>The operator's name, in domain ai.onnx.</summary>
    public required string Name { get; init; }

    /// <summary>The first opset version this definition serves.</summary>
    public int Since { get; init; } = 1;

    /// <summary>The last opset version this definition serves.</summary>
    public int Until { get; init; } = int.MaxValue;

    /// <summary>Checks the node and its bodies and gives the output facts; null for one that a missing operator makes.</summary>
    /// <exception cref="OpException">They contradict the operator's definition.</exception>
    public abstract ImmutableArray<ValueFact?> Infer(ControlFlowFacts node);

    /// <summary>Computes the outputs.</summary>
    public abstract Value[] Run(ControlFlowCall call);
}
