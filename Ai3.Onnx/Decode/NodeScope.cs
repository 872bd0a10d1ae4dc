using Ai3.Onnx.Protos;

namespace Ai3.Onnx;

/// <summary>What names and attribute references mean where a node stands: in the model's graph, or in one call of a function.</summary>
internal sealed class NodeScope
{
    private readonly Dictionary<string, string> _renamed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BoundAttribute> _attributes = new(StringComparer.Ordinal);
    private readonly NameTable _names;

    /// <summary>The model's graph: names mean themselves.</summary>
    public NodeScope(NameTable names, Dictionary<string, int> opsets)
    {
        _names = names;
        Opsets = opsets;
    }

    /// <summary>One call of a function.</summary>
    public NodeScope(NodeScope caller, FunctionProto function, Dictionary<string, int> opsets, string path)
        : this(caller._names, opsets)
    {
        Caller = caller;
        Function = function;
        Path = path;
        Depth = caller.Depth + 1;
    }

    public NodeScope? Caller { get; }

    /// <summary>The function called; null in the model's graph.</summary>
    public FunctionProto? Function { get; }

    /// <summary>The name of the call, with those of the calls around it.</summary>
    public string Path { get; } = "";

    /// <summary>How many calls are around.</summary>
    public int Depth { get; }

    /// <summary>The operator sets that nodes here bind to.</summary>
    public Dictionary<string, int> Opsets { get; }

    /// <summary>A value's name in the model. Names local to a call get the call's path before them.</summary>
    public string Rename(string name)
    {
        if (Function is null || name.Length == 0)
            return name;
        if (!_renamed.TryGetValue(name, out string? renamed))
            _renamed.Add(name, renamed = _names.Unused($"{Path}/{name}"));
        return renamed;
    }

    /// <summary>Makes a parameter mean a value of the caller; false if it has a meaning already.</summary>
    public bool Bind(string parameter, string value) => _renamed.TryAdd(parameter, value);

    /// <summary>Gives an attribute parameter its value; false if it has one already.</summary>
    public bool Bind(string parameter, BoundAttribute value) => _attributes.TryAdd(parameter, value);

    /// <summary>The value of an attribute parameter, or null where the call gives none and there is no default.</summary>
    public BoundAttribute? Attribute(string parameter) => _attributes.TryGetValue(parameter, out BoundAttribute value) ? value : null;

    /// <summary>True if the function is being called here or further out.</summary>
    public bool IsCalling(FunctionProto function)
    {
        for (NodeScope? scope = this; scope is not null; scope = scope.Caller)
            if (ReferenceEquals(scope.Function, function))
                return true;
        return false;
    }
}

/// <summary>An attribute with the scope that its subgraphs' names belong to.</summary>
/// <param name="Proto">The attribute, no reference itself.</param>
/// <param name="Scope">Where it was written.</param>
internal readonly record struct BoundAttribute(AttributeProto Proto, NodeScope Scope);
