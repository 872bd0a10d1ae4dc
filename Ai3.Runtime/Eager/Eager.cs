using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>
/// Single operations on tensors, without a graph: by any algorithm, at once. Results are new tensors of the caller's, who disposes them.
/// </summary>
/// <remarks>
/// Each call selects, packs weights and computes anew; an operation that is repeated on the same weights is better a
/// <see cref="GraphBuilder"/>'s, whose session keeps them packed. Safe for any number of callers at the same time.
/// Throws <see cref="GraphException"/> where shapes, types or attributes contradict the operator, <see cref="AlgorithmRefusedException"/>
/// where a named algorithm does not apply.
/// </remarks>
public static partial class Eager
{
    private static readonly Lazy<WorkerPool> Shared = new(() => new WorkerPool(Environment.ProcessorCount));

    /// <summary>Any operator with one tensor as its output.</summary>
    /// <param name="op">The operator; with its domain in front for one that is not of ai.onnx.</param>
    /// <param name="inputs">The inputs; null for an absent one.</param>
    /// <param name="attributes">The attributes.</param>
    /// <param name="options">How it is computed; null for the defaults.</param>
    public static Tensor Run(
        string op, ReadOnlySpan<Value?> inputs, ReadOnlySpan<(string Name, AttributeValue Value)> attributes = default, EagerOptions? options = null) =>
        RunNode(op, inputs, AttributeValue.Collect(attributes), 1, options)[0] as Tensor ?? throw new ArgumentException($"{op} gives no tensor; use RunAll");

    /// <summary>Any operator with any outputs.</summary>
    /// <param name="op">The operator; with its domain in front for one that is not of ai.onnx.</param>
    /// <param name="inputs">The inputs; null for an absent one.</param>
    /// <param name="outputs">How many outputs are computed.</param>
    /// <param name="attributes">The attributes.</param>
    /// <param name="options">How it is computed; null for the defaults.</param>
    public static ImmutableArray<Value> RunAll(
        string op, ReadOnlySpan<Value?> inputs, int outputs, ReadOnlySpan<(string Name, AttributeValue Value)> attributes = default, EagerOptions? options = null) =>
        [.. RunNode(op, inputs, AttributeValue.Collect(attributes), outputs, options)];

    private static Tensor One(string op, ReadOnlySpan<Value?> inputs, Attributes attributes, EagerOptions? options) =>
        (Tensor)RunNode(op, inputs, attributes, 1, options)[0];

    private static Value[] RunNode(string name, ReadOnlySpan<Value?> inputs, Attributes attributes, int outputs, EagerOptions? options)
    {
        options ??= EagerOptions.Default;
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        (string domain, string type) = OpName.Split(name);
        var node = new Node(type, domain, type, attributes) { Opset = options.Opset };
        OpDefinition op = options.Catalog.Find(domain, type, options.Opset)
            ?? throw new UnsupportedModelException([new UnsupportedFeature(type, node.QualifiedOp, options.Opset, ShapeInference.WhyMissing(options.Catalog, node))]);
        Value?[] values = inputs.ToArray();
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] is Tensor { Format: var format } tensor && format != Format.Plain)
                throw new ArgumentException($"input {i} is {tensor} ({format}), must be row-major");
            node.InputList.Add(values[i] is { } value ? new GraphValue($"input {i}", value.Fact) : null);
        }
        for (int i = 0; i < outputs; i++)
            node.OutputList.Add(new GraphValue($"output {i}", null));
        ShapeInference.CheckCounts(node, op);
        WorkerPool workers = options.Workers ?? Shared.Value;
        Target target = GraphCompiler.TargetOf(options.Isa, workers);
        Value[] results = new NodeRunner(options.Catalog, target, workers, options.Limits).Run(node, values, options.Algorithm.NamesFor, out bool isView);
        // What shares memory with an input is the caller's only as a copy.
        return isView ? [((Tensor)results[0]).Clone()] : results;
    }
}
