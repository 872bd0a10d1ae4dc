using Ai3.Onnx.Protos;

namespace Ai3.Onnx;

/// <summary>
/// Keeps nodes whose operator version is not the model's. A file has one version for each domain, except in functions, which
/// import their own: such a node is written as a call of a function that holds nothing else.
/// </summary>
internal sealed class VersionedOps(SortedDictionary<string, int> imports)
{
    /// <summary>The domain of these functions.</summary>
    public const string Domain = "ai3.versioned";

    private readonly Dictionary<string, FunctionProto> _functions = new(StringComparer.Ordinal);

    /// <summary>The functions made so far.</summary>
    public IEnumerable<FunctionProto> Functions => _functions.Values;

    /// <summary>A node that means the given version: itself, if the model imports that version or can.</summary>
    public NodeProto Pin(NodeProto node, int version)
    {
        if (imports.TryAdd(node.Domain, version) || imports[node.Domain] == version)
            return node;
        string key = $"{node.Domain}.{node.OpType} {version} {node.Input.Count} {node.Output.Count} {string.Join(" ", node.Attribute.Select(a => $"{a.Name}:{a.Type}"))}";
        if (!_functions.TryGetValue(key, out FunctionProto? function))
            _functions.Add(key, function = Function(node, version, $"{node.OpType}_{version}_{_functions.Count}"));
        imports[Domain] = 1;
        NodeProto call = node.Clone();
        call.Domain = Domain;
        call.OpType = function.Name;
        return call;
    }

    private static FunctionProto Function(NodeProto node, int version, string name)
    {
        var function = new FunctionProto { Name = name, Domain = Domain };
        var body = new NodeProto { OpType = node.OpType, Domain = node.Domain };
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = node.Domain, Version = version });
        function.Input.Add(node.Input.Select((_, i) => $"x{i}"));
        function.Output.Add(node.Output.Select((_, i) => $"y{i}"));
        body.Input.Add(function.Input);
        body.Output.Add(function.Output);
        foreach (AttributeProto attribute in node.Attribute)
        {
            function.Attribute.Add(attribute.Name);
            body.Attribute.Add(new AttributeProto { Name = attribute.Name, Type = attribute.Type, RefAttrName = attribute.Name });
        }
        function.Node.Add(body);
        return function;
    }
}
