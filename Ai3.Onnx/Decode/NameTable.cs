using Ai3.Onnx.Protos;

namespace Ai3.Onnx;

/// <summary>Names in use in a model, and new ones that collide with none.</summary>
internal sealed class NameTable
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>Every value name and dimension name of a graph and its subgraphs.</summary>
    public void Collect(GraphProto graph)
    {
        foreach (TensorProto tensor in graph.Initializer)
            _names.Add(tensor.Name);
        foreach (ValueInfoProto value in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo))
            Collect(value);
        foreach (NodeProto node in graph.Node)
            Collect(node);
    }

    /// <summary>The wanted name, or the wanted name with a number after it.</summary>
    public string Unused(string wanted)
    {
        string name = wanted;
        for (int i = 2; !_names.Add(name); i++)
            name = $"{wanted}#{i}";
        return name;
    }

    private void Collect(NodeProto node)
    {
        foreach (string output in node.Output)
            _names.Add(output);
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (attribute.G is not null)
                Collect(attribute.G);
            foreach (GraphProto graph in attribute.Graphs)
                Collect(graph);
        }
    }

    private void Collect(ValueInfoProto value)
    {
        _names.Add(value.Name);
        TypeProto? type = value.Type;
        while (type is not null)
        {
            foreach (TensorShapeProto.Types.Dimension dim in type.TensorType?.Shape?.Dim ?? [])
                if (dim.HasDimParam)
                    _names.Add(dim.DimParam);
            type = type.SequenceType?.ElemType ?? type.OptionalType?.ElemType ?? type.MapType?.ValueType;
        }
    }
}
