using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>What is known of every value of a graph, under one set of numbers for its symbols.</summary>
internal sealed class FactTable
{
    private readonly Dictionary<GraphValue, ValueFact> _facts = [];

    /// <summary>The facts of a value, or null if nothing is known.</summary>
    public ValueFact? Of(GraphValue value) =>
        value.Constant is not null ? TensorFact.OfConstant(value.Constant) : _facts.GetValueOrDefault(value);

    /// <summary>The facts of a value that is a tensor, or null.</summary>
    public TensorFact? TensorOf(GraphValue value) => Of(value) as TensorFact;

    /// <summary>The value itself, if it is a constant under these numbers.</summary>
    public Tensor? ConstantOf(GraphValue value) => TensorOf(value)?.Constant;

    public void Set(GraphValue value, ValueFact fact) => _facts[value] = fact;
}
