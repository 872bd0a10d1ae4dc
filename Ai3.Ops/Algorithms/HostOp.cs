using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>An operator that is always computed on values: strings, sequences, maps and optionals, which no kernel can address.</summary>
internal abstract class HostOp : OpDefinition
{
    public sealed override IReadOnlyList<Algorithm> Algorithms => [];

    public sealed override Problem CreateProblem(NodeFacts node) => throw new InvalidOperationException($"{this} is computed on the host and has no problem");

    public sealed override CandidateSet Candidates(Problem problem, Target target) => new([], []);

    public sealed override OracleResult? Evaluate(Problem problem, IReadOnlyList<double[]?> inputs) => null;

    public sealed override bool RunsOnHost(NodeFacts node) => true;

    /// <summary>Checks the values at hand as inference does, then computes.</summary>
    public sealed override Value[] RunOnHost(NodeFacts node, IReadOnlyList<Value?> inputs, long maxBytes)
    {
        Infer(node);
        return Compute(node, inputs, new HostMemory(maxBytes));
    }

    /// <summary>The outputs as new values; the inputs stay the caller's.</summary>
    protected abstract Value[] Compute(NodeFacts node, IReadOnlyList<Value?> inputs, HostMemory memory);
}
