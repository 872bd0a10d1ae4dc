using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime.Tests;

/// <summary>Writes small graphs in tests.</summary>
internal sealed class SpecBuilder
{
    private readonly List<ValueSpec> _inputs = [];
    private readonly List<KeyValuePair<string, Tensor>> _constants = [];
    private readonly List<NodeSpec> _nodes = [];

    public int Opset { get; init; } = 17;

    public SpecBuilder Input(string name, params ReadOnlySpan<Dim> dims) => Input(name, DType.Float32, dims);

    public SpecBuilder Input(string name, DType type, params ReadOnlySpan<Dim> dims)
    {
        _inputs.Add(new ValueSpec(name, new TensorFact(type, SymbolicShape.Create(dims))));
        return this;
    }

    public SpecBuilder Constant(string name, float[] values, params ReadOnlySpan<long> dims)
    {
        _constants.Add(new(name, Tensor.From(values, Shape.Create(dims))));
        return this;
    }

    public SpecBuilder Constant(string name, long[] values)
    {
        _constants.Add(new(name, Tensor.From(values, [values.Length])));
        return this;
    }

    public SpecBuilder Constant(string name, Tensor tensor)
    {
        _constants.Add(new(name, tensor));
        return this;
    }

    /// <summary>Constant values that repeat a short pattern of small numbers, different for each seed.</summary>
    public SpecBuilder Pattern(string name, int seed, params ReadOnlySpan<long> dims)
    {
        var values = new float[ShapeMath.Product(dims)];
        for (int i = 0; i < values.Length; i++)
            values[i] = ((i * 7 + seed * 13) % 23 - 11) / 16f;
        return Constant(name, values, dims);
    }

    public SpecBuilder Node(string op, string inputs, string outputs, Attributes? attributes = null)
    {
        _nodes.Add(new NodeSpec("", "", op, [.. inputs.Split(' ')], [.. outputs.Split(' ')], attributes ?? Attributes.Empty, ImmutableSortedDictionary<string, GraphSpec>.Empty));
        return this;
    }

    public SpecBuilder Control(string op, string inputs, string outputs, Attributes attributes, params ReadOnlySpan<(string Name, GraphSpec Body)> bodies)
    {
        _nodes.Add(new NodeSpec("", "", op, inputs.Length == 0 ? [] : [.. inputs.Split(' ')], [.. outputs.Split(' ')], attributes,
            bodies.ToArray().ToImmutableSortedDictionary(b => b.Name, b => b.Body)));
        return this;
    }

    public GraphSpec Spec(params string[] outputs) =>
        new("test", [.. _inputs], [.. outputs.Select(o => new ValueSpec(o, null))], [.. _constants], [.. _nodes], []);

    public Model Build(params string[] outputs) => Model.Create(Spec(outputs), new Dictionary<string, int> { [""] = Opset });

    public static Attributes Ints(string name, params long[] values) => Attributes.Empty.With(name, ImmutableArray.Create(values));
}
