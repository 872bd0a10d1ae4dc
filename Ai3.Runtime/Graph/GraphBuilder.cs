using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>
/// Writes a model in code: inputs, constants, operators, outputs. Types and shapes are inferred as operators are added, so that a
/// contradiction is thrown where it is written; <see cref="Build"/> gives a <see cref="Model"/> like any other.
/// </summary>
/// <remarks>
/// Every operator can be added by name; the common ones are methods. They are written in the form of opset 13 and newer.
/// Where a method takes numbers for each spatial axis, one number stands for all of them.
/// </remarks>
public sealed partial class GraphBuilder
{
    /// <summary>The version of the ai.onnx operators that is meant unless another is said.</summary>
    public const int DefaultOpset = 21;

    private const int OldestOpset = 13;

    private readonly GraphBuilder? _parent;
    private readonly BuilderNames _names;
    private readonly string _name;
    private readonly OpCatalog _catalog;
    private readonly SortedDictionary<string, int> _opsets;
    private readonly List<Operand> _inputs = [];
    private readonly List<KeyValuePair<Operand, Tensor>> _constants = [];
    private readonly List<BuilderNode> _nodes = [];
    private readonly List<Operand> _outputs = [];
    private readonly List<IDisposable> _owned;
    private readonly Dictionary<Operand, ValueFact?> _widened = [];
    private bool _built;

    /// <summary>Begins a model.</summary>
    /// <param name="name">The graph's name.</param>
    /// <param name="opset">The version of the ai.onnx operators, 13 or newer.</param>
    /// <param name="catalog">The operators that types and shapes are inferred by; null for those of the runtime.</param>
    public GraphBuilder(string name = "graph", int opset = DefaultOpset, OpCatalog? catalog = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(opset, OldestOpset);
        _name = name;
        _names = new BuilderNames();
        _catalog = catalog ?? OpCatalog.Default;
        _opsets = new SortedDictionary<string, int>(StringComparer.Ordinal) { [""] = opset };
        _owned = [];
    }

    private GraphBuilder(GraphBuilder parent, string name)
    {
        _parent = parent;
        _name = name;
        _names = parent._names;
        _catalog = parent._catalog;
        _opsets = parent._opsets;
        _owned = parent._owned;
    }

    /// <summary>The version of the ai.onnx operators.</summary>
    public int Opset => _opsets[""];

    /// <summary>Says which version of another domain's operators is meant.</summary>
    public GraphBuilder Import(string domain, int version)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        _opsets[domain] = version;
        return this;
    }

    /// <summary>Puts a name in front of the names of what is added until the result is disposed, so that a layer's nodes stand together.</summary>
    public IDisposable Scope(string name) => _names.Enter(name);

    /// <summary>An input.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Its element type.</param>
    /// <param name="shape">Its dimensions, names for those that differ between runs: <c>["batch", 3, 224, 224]</c>.</param>
    public Operand Input(string name, DType type, ReadOnlySpan<NamedDim> shape)
    {
        var dims = new Dim[shape.Length];
        for (int i = 0; i < dims.Length; i++)
            dims[i] = shape[i].Dim;
        return Input(name, new TensorFact(type, SymbolicShape.Create(dims)));
    }

    /// <summary>An input.</summary>
    /// <inheritdoc cref="Input(string, DType, ReadOnlySpan{NamedDim})"/>
    /// <typeparam name="T">Its element type.</typeparam>
    public Operand Input<T>(string name, ReadOnlySpan<NamedDim> shape) where T : unmanaged => Input(name, TypeOf<T>(), shape);

    /// <summary>An input of any kind: a tensor of unknown rank, a sequence, an optional.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="fact">What is known of it.</param>
    public Operand Input(string name, ValueFact fact)
    {
        if (_parent is not null)
            throw new InvalidOperationException("the inputs of a subgraph are its operator's; what surrounds it is read directly");
        return AddInput(_names.Take(name), fact);
    }

    /// <summary>A constant over a tensor, which must live as long as the model.</summary>
    /// <param name="value">The tensor.</param>
    /// <param name="name">A name; null to have one made.</param>
    /// <param name="takeOwnership">Whether the model disposes the tensor.</param>
    public Operand Constant(Tensor value, string? name = null, bool takeOwnership = false)
    {
        CheckOpen();
        if (value.Format != Format.Plain)
            throw new ArgumentException($"constant '{name}' is {value.Fact} ({value.Format}), must be row-major");
        if (takeOwnership)
            _owned.Add(value);
        var operand = new Operand(this, name is null ? _names.Make("const") : _names.Take(name), TensorFact.OfConstant(value), isComputed: false);
        _constants.Add(new(operand, value));
        return operand;
    }

    /// <summary>A constant that holds a copy of the elements.</summary>
    /// <param name="values">The elements, row-major.</param>
    /// <param name="shape">The dimensions.</param>
    /// <param name="name">A name; null to have one made.</param>
    public Operand Constant<T>(ReadOnlySpan<T> values, Shape shape, string? name = null) where T : unmanaged
    {
        if (values.Length != shape.Count)
            throw new ArgumentException($"shape {shape} takes {shape.Count} elements, but {values.Length} are there");
        return Constant(Tensor.Copy(values, shape), name, takeOwnership: true);
    }

    /// <summary>A constant that holds a copy of the elements.</summary>
    /// <inheritdoc cref="Constant{T}(ReadOnlySpan{T}, Shape, string)"/>
    public Operand Constant<T>(T[] values, Shape shape, string? name = null) where T : unmanaged => Constant<T>(values.AsSpan(), shape, name);

    /// <summary>A constant of rank 0.</summary>
    public Operand Scalar<T>(T value) where T : unmanaged => Constant<T>([value], Shape.Scalar);

    /// <summary>A constant int64 vector, as operators take shapes and axes.</summary>
    public Operand Ints(params ReadOnlySpan<long> values) => Constant(values, [values.Length]);

    /// <summary>Any operator with one output.</summary>
    /// <param name="op">The operator; with its domain in front for one that is not of ai.onnx: <c>com.example.Op</c>.</param>
    /// <param name="inputs">The inputs; null for an absent one.</param>
    /// <param name="attributes">The attributes.</param>
    /// <exception cref="GraphException">Inputs or attributes contradict the operator.</exception>
    public Operand Add(string op, ReadOnlySpan<Operand?> inputs, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes) =>
        AddNode(op, inputs, AttributeValue.Collect(attributes), 1, null)[0];

    /// <summary>Any operator with any number of outputs.</summary>
    /// <param name="op">The operator; with its domain in front for one that is not of ai.onnx.</param>
    /// <param name="inputs">The inputs; null for an absent one.</param>
    /// <param name="attributes">The attributes.</param>
    /// <param name="outputs">How many outputs are named.</param>
    /// <param name="name">The node's name; null to have one made.</param>
    /// <exception cref="GraphException">Inputs or attributes contradict the operator.</exception>
    public ImmutableArray<Operand> Add(
        string op, ReadOnlySpan<Operand?> inputs, ReadOnlySpan<(string Name, AttributeValue Value)> attributes, int outputs, string? name = null) =>
        AddNode(op, inputs, AttributeValue.Collect(attributes), outputs, name);

    /// <summary>Makes a value an output of the model, under its own name.</summary>
    public GraphBuilder Output(Operand value) => Output(value.Name, value);

    /// <summary>Makes a value an output of the model.</summary>
    /// <param name="name">The output's name.</param>
    /// <param name="value">The value.</param>
    public GraphBuilder Output(string name, Operand value)
    {
        if (_parent is not null)
            throw new InvalidOperationException("the outputs of a subgraph are what its delegate returns");
        CheckReadable(value);
        // A value has one name: inputs, constants and outputs under a second name go through a node.
        if (!value.IsComputed || _outputs.Contains(value))
            value = AddNode("Identity", [value], Attributes.Empty, 1, null)[0];
        if (value.Name != name)
        {
            _names.Take(name);
            _names.Release(value.Name);
            value.Name = name;
        }
        _outputs.Add(value);
        return this;
    }

    /// <summary>The model. A builder gives one, and nothing can be added after.</summary>
    /// <param name="metadata">What a file of it says about itself.</param>
    /// <exception cref="GraphException">The graph has no output, or contradicts itself.</exception>
    public Model Build(ModelMetadata? metadata = null)
    {
        CheckOpen();
        if (_parent is not null)
            throw new InvalidOperationException("a subgraph is built with the graph around it");
        if (_outputs.Count == 0)
            throw new GraphException($"graph '{_name}' has no output; name one by Output");
        Model model = Model.Create(ToSpec(), _opsets, metadata, new OwnedConstants(_owned));
        _built = true;
        return model;
    }

    internal static GraphBuilder InnerOf(Operand a, Operand b) => a.Owner.IsWithin(b.Owner) ? a.Owner : b.Owner;

    /// <summary>A constant number of an operand's element type.</summary>
    internal Operand ScalarLike(Operand like, double value) => like.Type switch
    {
        DType.Float32 => Scalar((float)value),
        DType.Float64 => Scalar(value),
        DType.Float16 => Scalar((Half)value),
        DType.BFloat16 => Scalar((BFloat16)(float)value),
        DType.Int64 => Scalar(checked((long)value)),
        DType.Int32 => Scalar(checked((int)value)),
        _ => throw new ArgumentException($"a number next to '{like.Name}' takes a known element type of float32, float64, float16, bfloat16, int32 or int64, but it is {like.Fact?.ToString() ?? "unknown"}"),
    };

    private Operand AddInput(string reservedName, ValueFact? fact)
    {
        CheckOpen();
        var operand = new Operand(this, reservedName, fact, isComputed: false);
        _inputs.Add(operand);
        return operand;
    }
}
