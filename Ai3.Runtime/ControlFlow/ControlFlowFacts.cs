using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>What a control flow operator is told about one of its uses while shapes are inferred.</summary>
/// <param name="node">The node.</param>
/// <param name="factOf">What is known of a value.</param>
/// <param name="inferBody">Infers a body from the facts of all its inputs, captures included.</param>
/// <param name="fresh">Makes a symbol for a dimension that nothing is known of.</param>
internal sealed class ControlFlowFacts(
    Node node, Func<GraphValue, ValueFact?> factOf, Func<Graph, IReadOnlyList<ValueFact?>, ImmutableArray<ValueFact?>> inferBody, Func<Dim> fresh)
{
    /// <summary>The node.</summary>
    public Node Node => node;

    /// <summary>How many inputs are the operator's own.</summary>
    public int InputCount => node.FormalCount;

    /// <summary>A symbol for a dimension that nothing is known of.</summary>
    public Dim Fresh() => fresh();

    /// <summary>The facts of one of the operator's own inputs; null for an absent one.</summary>
    public ValueFact? Input(int index) =>
        index < node.FormalCount && node.Inputs[index] is { } value ? factOf(value) ?? new TensorFact(DType.Undefined, null) : null;

    /// <summary>A subgraph attribute that must be there.</summary>
    public Graph Body(string name) => node.Subgraphs.GetValueOrDefault(name) ?? throw new OpException($"attribute '{name}' (a graph) is missing");

    /// <summary>The facts of a body's outputs under the facts of its own inputs; null for one that a missing operator makes.</summary>
    public ImmutableArray<ValueFact?> InferBody(string name, IReadOnlyList<ValueFact?> inputs)
    {
        Graph body = Body(name);
        int own = body.Inputs.Count - node.CapturedCount;
        if (own != inputs.Count)
            throw new OpException($"'{name}' takes {own} inputs, the operator gives it {inputs.Count}");
        return inferBody(body, [.. inputs, .. node.Inputs.Skip(node.FormalCount).Select(v => factOf(v!))]);
    }

    /// <summary>Checks that an optional input is a single value of a type.</summary>
    public void CheckScalar(int index, DType type)
    {
        if (Input(index) is not { } fact)
            return;
        if (fact is not TensorFact tensor || (tensor.Type != type && tensor.Type != DType.Undefined))
            throw new OpException($"input {index} is {fact}, must be {type.ShortName()}[]");
        if (tensor.Shape is { } shape && !(shape.Rank == 0 || shape.All(d => !d.IsKnown || d == 1)))
            throw new OpException($"input {index} is {fact}, must be one value");
    }

    /// <summary>The facts of a scalar that a body takes: of the rank that the body declares, 0 or 1.</summary>
    public TensorFact Scalar(string body, int index, DType type)
    {
        Graph graph = Body(body);
        return new TensorFact(type, ScalarShape(graph, index));
    }

    /// <summary>The shape of a single value that a body takes: of the rank that the body declares, 0 or 1.</summary>
    public static Shape ScalarShape(Graph body, int index) =>
        index < body.Inputs.Count && body.Inputs[index].Tensor?.Shape is { Rank: 1 } ? [1] : Shape.Scalar;
}
