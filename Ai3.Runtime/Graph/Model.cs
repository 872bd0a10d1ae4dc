using System.Collections.Immutable;

namespace Ai3.Runtime;

/// <summary>What a model file says about itself.</summary>
/// <param name="IrVersion">The version of the file format.</param>
/// <param name="Producer">The program that wrote it, with its version.</param>
/// <param name="Domain">The model's namespace.</param>
/// <param name="Version">The model's version.</param>
/// <param name="Description">Free text.</param>
/// <param name="Properties">Named properties.</param>
public sealed record ModelMetadata(
    long IrVersion, string Producer, string Domain, long Version, string Description, ImmutableSortedDictionary<string, string> Properties)
{
    /// <summary>Nothing said.</summary>
    public static ModelMetadata None { get; } = new(0, "", "", 0, "", ImmutableSortedDictionary<string, string>.Empty);
}

/// <summary>A network: graph, weights, metadata and who computes what. Immutable; copies share weights.</summary>
public sealed class Model : IDisposable
{
    private readonly IDisposable? _storage;

    private Model(GraphSpec spec, Graph graph, ImmutableSortedDictionary<string, int> opsets, ModelMetadata metadata, Selection selection, IDisposable? storage)
    {
        Spec = spec;
        Graph = graph;
        Opsets = opsets;
        Metadata = metadata;
        Selection = selection;
        _storage = storage;
    }

    /// <summary>Makes a model.</summary>
    /// <param name="graph">The graph by names.</param>
    /// <param name="opsets">The version of each domain; the empty domain is ai.onnx.</param>
    /// <param name="metadata">What the file says about itself.</param>
    /// <param name="storage">What holds the weights (a mapped file), disposed with the model; may be null.</param>
    /// <exception cref="GraphException">The graph contradicts itself.</exception>
    public static Model Create(GraphSpec graph, IReadOnlyDictionary<string, int> opsets, ModelMetadata? metadata = null, IDisposable? storage = null) =>
        new(graph, GraphLinker.Link(graph, opsets), opsets.ToImmutableSortedDictionary(StringComparer.Ordinal), metadata ?? ModelMetadata.None, Selection.Automatic, storage);

    /// <summary>The graph by names, as the model came.</summary>
    public GraphSpec Spec { get; }

    /// <summary>The linked graph, as the model came: no rewrite, no format.</summary>
    public Graph Graph { get; }

    /// <summary>The version of each operator domain.</summary>
    public ImmutableSortedDictionary<string, int> Opsets { get; }

    /// <summary>What the file says about itself.</summary>
    public ModelMetadata Metadata { get; }

    /// <summary>Who computes what.</summary>
    public Selection Selection { get; }

    /// <summary>The inputs that a caller gives, in order.</summary>
    public IReadOnlyList<GraphValue> Inputs => Graph.Inputs;

    /// <summary>The outputs, in order.</summary>
    public IReadOnlyList<GraphValue> Outputs => Graph.Outputs;

    /// <summary>The same network with another selection; shares graph and weights. The original stays as it is.</summary>
    public Model With(Selection selection) => new(Spec, Graph, Opsets, Metadata, selection, _storage);

    /// <summary>A mapping from operator to selector for the whole network; operators left out are chosen automatically.</summary>
    public Model Convert(IReadOnlyDictionary<string, Selector> selectors) => With(Selection.Of(selectors));

    /// <summary>Another selector for one operator; the others stay as they are.</summary>
    public Model Swap(string op, Selector selector) => With(Selection.WithOp(op, selector));

    /// <summary>Another selector for the nodes of a name or pattern (<c>*</c> is any text); the others stay as they are.</summary>
    public Model SwapNode(string pattern, Selector selector) => With(Selection.WithNode(pattern, selector));

    /// <summary>The graph with types and shapes inferred, on symbols where they are not known; nothing is rewritten.</summary>
    /// <exception cref="GraphException">Shapes or types contradict each other.</exception>
    /// <exception cref="UnsupportedModelException">The model needs what we lack; everything is listed.</exception>
    public Graph InferShapes(CompileOptions? options = null) => GraphCompiler.Inferred(this, options ?? new CompileOptions());

    /// <summary>Compiles the model to a plan that runs.</summary>
    /// <exception cref="GraphException">Shapes or types contradict each other.</exception>
    /// <exception cref="UnsupportedModelException">The model needs what we lack; everything is listed.</exception>
    /// <exception cref="AlgorithmRefusedException">A selected algorithm does not apply.</exception>
    public Session Compile(CompileOptions? options = null) => Session.Create(this, options ?? new CompileOptions());

    /// <summary>Gives the weights' storage back; sessions compiled before must be disposed first.</summary>
    public void Dispose() => _storage?.Dispose();
}
