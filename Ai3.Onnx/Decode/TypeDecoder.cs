using Ai3.Onnx.Protos;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Onnx;

/// <summary>TypeProto to facts.</summary>
internal sealed class TypeDecoder(ImportLimits limits, NameTable names)
{
    /// <summary>What a graph says of a value; no fact where it says nothing.</summary>
    public ValueSpec Decode(ValueInfoProto proto, string renamed) => new(renamed, proto.Type is null ? null : Decode(proto.Type, proto.Name));

    /// <summary>The facts of a type.</summary>
    /// <param name="type">The type.</param>
    /// <param name="value">The value's name, for messages and to name dimensions without one.</param>
    public ValueFact? Decode(TypeProto type, string value)
    {
        switch (type.ValueCase)
        {
            case TypeProto.ValueOneofCase.TensorType:
                return new TensorFact(ElementType(type.TensorType.ElemType, value), Shape(type.TensorType.Shape, value));
            case TypeProto.ValueOneofCase.SequenceType:
                return new SequenceFact(Element(type.SequenceType.ElemType, value));
            case TypeProto.ValueOneofCase.OptionalType:
                return new OptionalFact(Element(type.OptionalType.ElemType, value));
            case TypeProto.ValueOneofCase.MapType:
                DType key = ElementType(type.MapType.KeyType, value);
                if (key != DType.String && !key.IsInteger())
                    throw new OnnxFormatException($"the type of '{value}' is a map with keys of {key.ShortName()}; keys are integers or strings");
                return new MapFact(key, Element(type.MapType.ValueType, value));
            case TypeProto.ValueOneofCase.SparseTensorType:
                throw Unsupported(value, "a value that is a sparse tensor");
            case TypeProto.ValueOneofCase.OpaqueType:
                throw Unsupported(value, $"a value of the opaque type {type.OpaqueType.Domain}.{type.OpaqueType.Name}");
            default:
                return null;
        }
    }

    private ValueFact Element(TypeProto? type, string value) => (type is null ? null : Decode(type, value)) ?? new TensorFact(DType.Undefined, null);

    private static DType ElementType(int type, string value) =>
        type == 0 ? DType.Undefined : TensorDecoder.TypeOf(type, $"the type of '{value}'");

    private SymbolicShape? Shape(TensorShapeProto? shape, string value)
    {
        if (shape is null)
            return null;
        if (shape.Dim.Count > limits.Rank)
            throw new LimitExceededException($"'{value}' has {shape.Dim.Count} dimensions, the limit is {limits.Rank}");
        var dims = new Dim[shape.Dim.Count];
        for (int i = 0; i < dims.Length; i++)
        {
            TensorShapeProto.Types.Dimension dim = shape.Dim[i];
            // Writers put -1 where they do not know.
            dims[i] = dim.HasDimValue && dim.DimValue >= 0 ? dim.DimValue
                : Dim.Symbol(dim.HasDimParam && dim.DimParam.Length > 0 ? dim.DimParam : names.Unused($"{value}_dim{i}"));
        }
        return SymbolicShape.Create(dims);
    }

    private static UnsupportedModelException Unsupported(string value, string reason) =>
        new([new UnsupportedFeature("", "", 0, $"{reason} ('{value}')")]);
}
