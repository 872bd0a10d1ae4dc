using Ai3.Onnx.Protos;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Onnx;

/// <summary>Facts to TypeProto.</summary>
internal static class TypeEncoder
{
    /// <summary>A value's declaration; without a type where nothing is known.</summary>
    public static ValueInfoProto Encode(ValueSpec value)
    {
        var proto = new ValueInfoProto { Name = value.Name };
        if (value.Fact is not null)
            proto.Type = Encode(value.Fact);
        return proto;
    }

    /// <summary>A type.</summary>
    public static TypeProto Encode(ValueFact fact) => fact switch
    {
        TensorFact tensor => new TypeProto { TensorType = Encode(tensor) },
        SequenceFact sequence => new TypeProto { SequenceType = new() { ElemType = Encode(sequence.Element) } },
        OptionalFact optional => new TypeProto { OptionalType = new() { ElemType = Encode(optional.Element) } },
        MapFact map => new TypeProto { MapType = new() { KeyType = (int)map.Key, ValueType = Encode(map.Element) } },
        _ => throw new ArgumentException($"{fact} has no type in ONNX"),
    };

    private static TypeProto.Types.Tensor Encode(TensorFact fact)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)fact.Type };
        if (fact.Shape is null)
            return tensor;
        tensor.Shape = new TensorShapeProto();
        foreach (Dim dim in fact.Shape)
            tensor.Shape.Dim.Add(dim.TryGetValue(out long value) ? new() { DimValue = value } : new TensorShapeProto.Types.Dimension { DimParam = dim.ToString() });
        return tensor;
    }
}
