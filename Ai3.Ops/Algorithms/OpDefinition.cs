using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>An operator: its name and versions, what its outputs are, and every way to compute it.</summary>
public abstract class OpDefinition
{
    /// <summary>The domain; empty for ai.onnx.</summary>
    public string Domain { get; init; } = "";

    /// <summary>The operator's name.</summary>
    public required string Name { get; init; }

    /// <summary>The first opset version this definition serves.</summary>
    public int Since { get; init; } = 1;

    /// <summary>The last opset version this definition serves.</summary>
    public int Until { get; init; } = int.MaxValue;

    /// <summary>The least number of inputs.</summary>
    public required int MinInputs { get; init; }

    /// <summary>The greatest number of inputs.</summary>
    public required int MaxInputs { get; init; }

    /// <summary>The greatest number of outputs.</summary>
    public int MaxOutputs { get; init; } = 1;

    /// <summary>True if the number of inputs has no bound of its own (Concat, Sum).</summary>
    public bool IsVariadic => MaxInputs == int.MaxValue;

    /// <summary>True if two runs on the same inputs may differ (random values), so that nothing is folded.</summary>
    public bool IsNondeterministic { get; init; }

    /// <summary>The rows, problem type erased.</summary>
    public abstract IReadOnlyList<Algorithm> Algorithms { get; }

    /// <summary>Checks attributes and input facts and gives the output facts.</summary>
    /// <exception cref="OpException">They contradict the operator's definition.</exception>
    /// <exception cref="OpUnsupportedException">A valid use that is not ours yet.</exception>
    /// <exception cref="ShapeException">Dimensions or axes contradict each other.</exception>
    public abstract ImmutableArray<ValueFact> Infer(NodeFacts node);

    /// <summary>
    /// True if the operator's outputs or work depend on the values of input <paramref name="index"/> (a shape, axes, repeats):
    /// without them no problem can be made before the run.
    /// </summary>
    public virtual bool ReadsValues(NodeFacts node, int index) => false;

    /// <summary>The resolved problem of a use whose facts are all known in numbers.</summary>
    public abstract Problem CreateProblem(NodeFacts node);

    /// <summary>Reads a problem from its key, or null if the key is not one of this operator's.</summary>
    public virtual Problem? ParseProblem(string key) => null;

    /// <summary>Every row's verdict on a problem.</summary>
    public abstract CandidateSet Candidates(Problem problem, Target target);

    /// <summary>One row in given formats on a problem; null if it does not apply.</summary>
    public virtual Candidate? Candidate(Problem problem, Target target, string algorithm, FormatChoice formats) =>
        Candidates(problem, target).Accepted.FirstOrDefault(c => c.Algorithm.Name == algorithm && c.Formats.Equals(formats));

    /// <summary>Computes a problem in double, fused parts included; null if the operator has no oracle (its reference row is exact).</summary>
    public abstract OracleResult? Evaluate(Problem problem, IReadOnlyList<double[]?> inputs);

    /// <summary>
    /// True if the operator is computed on values rather than addresses: strings, sequences, maps, optionals, or outputs whose
    /// shape only the data decides. Such a node is a host step of the plan and has no problem.
    /// </summary>
    public virtual bool RunsOnHost(NodeFacts node) => false;

    /// <summary>Computes a host step: every input's value is known (tensors as <see cref="TensorFact.Constant"/> too), outputs are new values.</summary>
    /// <param name="node">The node with the facts of the values at hand.</param>
    /// <param name="inputs">The values; null for an absent input. They stay the caller's.</param>
    /// <param name="maxBytes">Bytes that one output may take; more is refused with <see cref="OpException"/>.</param>
    public virtual Value[] RunOnHost(NodeFacts node, IReadOnlyList<Value?> inputs, long maxBytes) =>
        throw new InvalidOperationException($"{this} is not computed on the host");

    /// <summary>The display name: domain and name.</summary>
    public sealed override string ToString() => Domain.Length == 0 ? Name : $"{Domain}.{Name}";
}
