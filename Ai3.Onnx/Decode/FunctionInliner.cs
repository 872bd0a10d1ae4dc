using System.Collections.Immutable;
using Ai3.Onnx.Protos;
using Ai3.Ops;
using Ai3.Runtime;

namespace Ai3.Onnx;

/// <summary>Replaces a call of a function of the model by the function's nodes.</summary>
internal sealed class FunctionInliner
{
    private readonly GraphDecoder _graphs;
    private readonly NameTable _names;
    private readonly ImportLimits _limits;
    private readonly Dictionary<string, int> _modelOpsets;
    private readonly Dictionary<(string Domain, string Name, string Overload), FunctionProto> _functions = [];

    public FunctionInliner(GraphDecoder graphs, ModelProto model, NameTable names, ImportLimits limits)
    {
        _graphs = graphs;
        _names = names;
        _limits = limits;
        _modelOpsets = Opsets.Decode(model.OpsetImport, "the model");
        foreach (FunctionProto function in model.Functions)
        {
            if (function.Name.Length == 0)
                throw new GraphException("a function has no name");
            if (!_functions.TryAdd((Opsets.Domain(function.Domain), function.Name, function.Overload), function))
                throw new GraphException($"the function {Describe(function)} is defined twice");
        }
    }

    /// <summary>Adds the nodes of the called function; false if the node calls none.</summary>
    public bool TryInline(NodeProto call, NodeScope scope, int depth, ImmutableArray<NodeSpec>.Builder into)
    {
        if (!_functions.TryGetValue((Opsets.Domain(call.Domain), call.OpType, call.Overload), out FunctionProto? function))
        {
            if (call.Overload.Length > 0)
                throw new GraphException($"the model has no function of this name with the overload '{call.Overload}'", GraphDecoder.NodeName(call, scope), call.OpType);
            return false;
        }
        string name = GraphDecoder.NodeName(call, scope);
        string op = Describe(function);
        if (scope.IsCalling(function))
            throw new GraphException("the function calls itself; functions are not recursive", name, op);
        if (scope.Depth >= _limits.Nesting)
            throw new LimitExceededException($"functions are called more than {_limits.Nesting} deep at node '{name}' ({op})");
        if (call.Input.Count > function.Input.Count || call.Output.Count > function.Output.Count)
            throw new GraphException($"the call has {call.Input.Count} inputs and {call.Output.Count} outputs, the function takes {function.Input.Count} and gives {function.Output.Count}", name, op);
        Dictionary<string, int> opsets = function.OpsetImport.Count == 0 ? _modelOpsets : Opsets.Decode(function.OpsetImport, $"the function {op}");
        var inner = new NodeScope(scope, function, opsets, _names.Unused(name.Length > 0 ? name : call.OpType));
        for (int i = 0; i < function.Input.Count; i++)
            if (!inner.Bind(function.Input[i], i < call.Input.Count ? scope.Rename(call.Input[i]) : ""))
                throw new GraphException($"input '{function.Input[i]}' of the function is given twice", name, op);
        BindAttributes(call, function, scope, inner, name, op);
        for (int i = 0; i < call.Output.Count; i++)
        {
            string result = scope.Rename(call.Output[i]);
            // An output that is also an input, or given twice, needs a node of its own.
            if (result.Length > 0 && !inner.Bind(function.Output[i], result))
                into.Add(Identity(inner, function.Output[i], result, name, op));
        }
        foreach (NodeProto node in function.Node)
            _graphs.Node(node, inner, depth, into);
        return true;
    }

    private static void BindAttributes(NodeProto call, FunctionProto function, NodeScope scope, NodeScope inner, string name, string op)
    {
        foreach (AttributeProto attribute in call.Attribute)
        {
            string what = $"attribute '{attribute.Name}' of node '{name}' ({op})";
            if (GraphDecoder.Resolve(attribute, scope, what) is BoundAttribute bound && !inner.Bind(attribute.Name, bound))
                throw new GraphException($"attribute '{attribute.Name}' is given twice", name, op);
        }
        foreach (AttributeProto fallback in function.AttributeProto)
        {
            if (fallback.RefAttrName.Length > 0)
                throw new OnnxFormatException($"the default of attribute '{fallback.Name}' of the function {op} is a reference; it must be a value");
            inner.Bind(fallback.Name, new BoundAttribute(fallback, inner));
        }
    }

    private NodeSpec Identity(NodeScope inner, string output, string result, string name, string op)
    {
        string source = inner.Rename(output);
        if (source.Length == 0)
            throw new GraphException($"output '{output}' of the function is an input that the call leaves out", name, op);
        return new NodeSpec($"{inner.Path}/{output}", "", "Identity", [source], [result], Attributes.Empty, ImmutableSortedDictionary<string, GraphSpec>.Empty)
        { Opset = _graphs.OwnOpset(inner, "") };
    }

    private static string Describe(FunctionProto function) =>
        $"{(function.Domain.Length > 0 ? $"{function.Domain}." : "")}{function.Name}{(function.Overload.Length > 0 ? $":{function.Overload}" : "")}";
}
