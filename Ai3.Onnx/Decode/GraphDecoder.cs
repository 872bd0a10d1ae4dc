using System.Collections.Immutable;
using Ai3.Onnx.Protos;
using Ai3.Ops;
using Ai3.Runtime;
using Ai3.Tensors;
using static Ai3.Onnx.Protos.AttributeProto.Types;

namespace Ai3.Onnx;

/// <summary>GraphProto to graph by names, calls of the model's own functions inlined.</summary>
internal sealed class GraphDecoder
{
    private readonly ImportContext _context;
    private readonly TensorDecoder _tensors;
    private readonly SparseDecoder _sparse;
    private readonly TypeDecoder _types;
    private readonly AttributeDecoder _attributes;
    private readonly FunctionInliner _functions;
    private readonly Dictionary<string, int> _modelOpsets;

    public GraphDecoder(ImportContext context, ModelProto model, Dictionary<string, int> opsets)
    {
        var names = new NameTable();
        names.Collect(model.Graph);
        _context = context;
        _modelOpsets = opsets;
        _tensors = new TensorDecoder(context);
        _sparse = new SparseDecoder(context, _tensors);
        _types = new TypeDecoder(context.Limits, names);
        _attributes = new AttributeDecoder(_tensors, _sparse, _types);
        _functions = new FunctionInliner(this, model, names, context.Limits);
        MainScope = new NodeScope(names, opsets);
    }

    /// <summary>The scope of the model's graph.</summary>
    public NodeScope MainScope { get; }

    /// <summary>A graph.</summary>
    /// <param name="proto">The message.</param>
    /// <param name="scope">What names mean in it.</param>
    /// <param name="depth">How many graphs are around it.</param>
    public GraphSpec Decode(GraphProto proto, NodeScope scope, int depth)
    {
        if (depth > _context.Limits.Nesting)
            throw new LimitExceededException($"subgraphs are nested more than {_context.Limits.Nesting} deep");
        var nodes = ImmutableArray.CreateBuilder<NodeSpec>(proto.Node.Count);
        foreach (NodeProto node in proto.Node)
            Node(node, scope, depth, nodes);
        KeepLastConstants(nodes);
        return new GraphSpec(
            proto.Name,
            Values(proto.Input, scope, "an input"),
            Values(proto.Output, scope, "an output"),
            Initializers(proto, scope),
            nodes.ToImmutable(),
            Values(proto.ValueInfo, scope, "a value"));
    }

    /// <summary>A node, or the nodes of the function it calls.</summary>
    public void Node(NodeProto proto, NodeScope scope, int depth, ImmutableArray<NodeSpec>.Builder into)
    {
        if (_functions.TryInline(proto, scope, depth, into))
            return;
        _context.CountNode();
        string name = NodeName(proto, scope);
        if (proto.OpType.Length == 0)
            throw new GraphException("a node has no op_type", name, "");
        string domain = Opsets.Domain(proto.Domain);
        string qualified = domain.Length == 0 ? proto.OpType : $"{domain}.{proto.OpType}";
        if (!scope.Opsets.TryGetValue(domain, out int opset))
            throw new GraphException($"the domain '{(domain.Length == 0 ? "ai.onnx" : domain)}' is in no opset_import", name, qualified);
        var attributes = ImmutableSortedDictionary.CreateBuilder<string, object>(StringComparer.Ordinal);
        var subgraphs = ImmutableSortedDictionary.CreateBuilder<string, GraphSpec>(StringComparer.Ordinal);
        foreach (AttributeProto attribute in proto.Attribute)
        {
            if (attribute.Name.Length == 0 || attributes.ContainsKey(attribute.Name) || subgraphs.ContainsKey(attribute.Name))
                throw new GraphException($"attribute '{attribute.Name}' has no name or is given twice", name, qualified);
            string what = $"attribute '{attribute.Name}' of node '{name}' ({qualified})";
            if (Resolve(attribute, scope, what) is not BoundAttribute bound)
                continue;
            AttributeType type = AttributeDecoder.TypeOf(bound.Proto, what);
            if (type == AttributeType.Graph)
                subgraphs.Add(attribute.Name, Decode(bound.Proto.G ?? throw AttributeDecoder.Missing(what), bound.Scope, depth + 1));
            else
                attributes.Add(attribute.Name, _attributes.Decode(bound.Proto, type, what, new UnsupportedFeature(name, qualified, opset, "")));
        }
        into.Add(new NodeSpec(
            name, domain, proto.OpType,
            [.. proto.Input.Select(scope.Rename)],
            [.. proto.Output.Select(scope.Rename)],
            attributes.Count == 0 ? Attributes.Empty : new Attributes(attributes.ToImmutable()),
            subgraphs.ToImmutable())
        { Opset = OwnOpset(scope, domain) });
    }

    /// <summary>A node's name: in a call, after that of the call.</summary>
    public static string NodeName(NodeProto proto, NodeScope scope) =>
        scope.Function is null ? proto.Name : $"{scope.Path}/{(proto.Name.Length > 0 ? proto.Name : proto.OpType)}";

    /// <summary>The version that a function's own imports give a domain, where it differs from the model's.</summary>
    public int? OwnOpset(NodeScope scope, string domain)
    {
        int version = scope.Opsets.GetValueOrDefault(domain, Opsets.Newest);
        return _modelOpsets.TryGetValue(domain, out int models) && models == version ? null : version;
    }

    /// <summary>The attribute itself, or what it refers to; null where that is not given.</summary>
    public static BoundAttribute? Resolve(AttributeProto attribute, NodeScope scope, string what)
    {
        if (attribute.RefAttrName.Length == 0)
            return new BoundAttribute(attribute, scope);
        if (scope.Function is null)
            throw new OnnxFormatException($"{what} refers to '{attribute.RefAttrName}' of a function, but it is in none");
        if (scope.Attribute(attribute.RefAttrName) is not BoundAttribute bound)
            return null;
        AttributeType type = AttributeDecoder.TypeOf(bound.Proto, what);
        if (attribute.Type != AttributeType.Undefined && attribute.Type != type)
            throw new OnnxFormatException($"{what} refers to '{attribute.RefAttrName}', which is of another type than it says");
        return bound;
    }

    // Some files in circulation give the same name to several Constant nodes. They were made for a reader that takes the last, for all
    // who read the name, so the others go. Any other name that is defined twice stays, and is refused when the graph is linked.
    private static void KeepLastConstants(ImmutableArray<NodeSpec>.Builder nodes)
    {
        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        var superseded = new HashSet<NodeSpec>(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < nodes.Count; i++)
        {
            if (nodes[i] is not { OpType: "Constant", Domain: "", Outputs: [string output] })
                continue;
            if (last.TryGetValue(output, out int earlier))
                superseded.Add(nodes[earlier]);
            last[output] = i;
        }
        if (superseded.Count > 0)
            nodes.RemoveAll(superseded.Contains);
    }

    private ImmutableArray<ValueSpec> Values(IEnumerable<ValueInfoProto> protos, NodeScope scope, string what)
    {
        var values = ImmutableArray.CreateBuilder<ValueSpec>();
        foreach (ValueInfoProto proto in protos)
        {
            if (proto.Name.Length == 0)
                throw new GraphException($"{what} has no name");
            values.Add(_types.Decode(proto, scope.Rename(proto.Name)));
        }
        return values.ToImmutable();
    }

    private ImmutableArray<KeyValuePair<string, Tensor>> Initializers(GraphProto proto, NodeScope scope)
    {
        var initializers = ImmutableArray.CreateBuilder<KeyValuePair<string, Tensor>>(proto.Initializer.Count + proto.SparseInitializer.Count);
        foreach (TensorProto tensor in proto.Initializer)
            Add(tensor.Name, what => _tensors.Decode(tensor, what));
        foreach (SparseTensorProto tensor in proto.SparseInitializer)
            Add(tensor.Values?.Name ?? "", what => _sparse.Decode(tensor, what));
        return initializers.ToImmutable();

        void Add(string name, Func<string, Tensor> decode)
        {
            if (name.Length == 0)
                throw new GraphException("an initializer has no name");
            initializers.Add(new(scope.Rename(name), decode($"initializer '{name}'")));
        }
    }
}
