using Ai3.Onnx.Protos;
using Ai3.Tensors;
using Google.Protobuf;

namespace Ai3.Onnx;

/// <summary>A value in a file of its own: TensorProto, SequenceProto, MapProto or OptionalProto. The format does not say which.</summary>
internal sealed class ValueDecoder
{
    private readonly TensorDecoder _tensors;
    private readonly SparseDecoder _sparse;

    private ValueDecoder(ImportContext context)
    {
        _tensors = new TensorDecoder(context);
        _sparse = new SparseDecoder(context, _tensors);
    }

    /// <summary>The value and its name, in memory of its own.</summary>
    public static (string Name, Value Value) Decode(TensorStorage source, ValueFact? expected, ImportLimits limits)
    {
        using var context = new ImportContext(source, null, null, limits);
        try
        {
            var decoder = new ValueDecoder(context);
            switch (expected)
            {
                case SequenceFact sequence:
                    SequenceProto sequenceProto = Parse(MessageKind.SequenceProto, SequenceProto.Parser);
                    return (sequenceProto.Name, decoder.Sequence(sequenceProto, sequence.Element));
                case MapFact map:
                    MapProto mapProto = Parse(MessageKind.MapProto, MapProto.Parser);
                    return (mapProto.Name, decoder.Map(mapProto, map));
                case OptionalFact optional:
                    OptionalProto optionalProto = Parse(MessageKind.OptionalProto, OptionalProto.Parser);
                    return (optionalProto.Name, decoder.Optional(optionalProto, optional.Element));
                default:
                    if (source.ByteLength == 0)
                        throw new OnnxFormatException("the file is empty; a tensor says at least its type");
                    TensorProto tensorProto = Parse(MessageKind.TensorProto, TensorProto.Parser);
                    return (tensorProto.Name, decoder.Tensor(tensorProto));
            }
        }
        finally
        {
            context.Storage.Dispose();
        }

        T Parse<T>(MessageKind kind, MessageParser<T> parser) where T : IMessage<T> =>
            MessageReader.Parse(FileBytes.Window(source, 0, (int)source.ByteLength), kind, parser, limits);
    }

    // The storage of the file goes when the value is read.
    private static Tensor Own(Tensor tensor) => tensor.Type == DType.String ? tensor : tensor.Clone();

    private Tensor Tensor(TensorProto proto) => Own(_tensors.Decode(proto, $"tensor '{proto.Name}'"));

    private Tensor Sparse(SparseTensorProto proto) => Own(_sparse.Decode(proto, "sparse tensor"));

    private SequenceValue Sequence(SequenceProto proto, ValueFact? element)
    {
        List<Value> items = (SequenceProto.Types.DataType)proto.ElemType switch
        {
            SequenceProto.Types.DataType.Undefined when Counts(proto) == 0 => [],
            SequenceProto.Types.DataType.Tensor => [.. proto.TensorValues.Select(Tensor)],
            SequenceProto.Types.DataType.SparseTensor => [.. proto.SparseTensorValues.Select(Sparse)],
            SequenceProto.Types.DataType.Sequence => [.. proto.SequenceValues.Select(s => Sequence(s, (element as SequenceFact)?.Element))],
            SequenceProto.Types.DataType.Map => [.. proto.MapValues.Select(m => Map(m, element as MapFact))],
            SequenceProto.Types.DataType.Optional => [.. proto.OptionalValues.Select(o => Optional(o, (element as OptionalFact)?.Element))],
            _ => throw new OnnxFormatException($"sequence '{proto.Name}' has elem_type {proto.ElemType}; known are 1 (tensor) to 5 (optional)"),
        };
        if (items.Count != Counts(proto))
            throw new OnnxFormatException($"sequence '{proto.Name}' has elements of another kind than its elem_type {proto.ElemType} says");
        return new SequenceValue(element ?? CommonFact(items), items);
    }

    private static int Counts(SequenceProto p) =>
        p.TensorValues.Count + p.SparseTensorValues.Count + p.SequenceValues.Count + p.MapValues.Count + p.OptionalValues.Count;

    // Tensors of a sequence share the type, not the shape.
    private static ValueFact CommonFact(List<Value> items) => items.Count == 0 ? new TensorFact(DType.Undefined, null)
        : items[0].Fact is TensorFact first ? new TensorFact(first.Type, items.All(i => i is Tensor t && first.Shape!.Equals(t.Shape)) ? first.Shape : null)
        : items[0].Fact;

    private MapValue Map(MapProto proto, MapFact? expected)
    {
        DType type = TensorDecoder.TypeOf(proto.KeyType, $"map '{proto.Name}', keys,");
        bool strings = type == DType.String;
        if (!strings && !type.IsInteger())
            throw new OnnxFormatException($"map '{proto.Name}' has keys of {type.ShortName()}; keys are integers or strings");
        if ((strings ? proto.Keys.Count : proto.StringKeys.Count) > 0)
            throw new OnnxFormatException($"map '{proto.Name}' with keys of {type.ShortName()} has keys in the other field");
        List<object> keys = strings ? [.. proto.StringKeys.Select(Text.Decode)] : [.. proto.Keys.Select(k => (object)k)];
        SequenceValue values = Sequence(proto.Values ?? new SequenceProto(), expected?.Element);
        IReadOnlyList<Value> items = values.Items;
        // Some writers give one tensor for all keys instead of one for each.
        if (items is [Tensor all] && all.Shape.Rank == 1 && all.Count == keys.Count && (expected?.Element as TensorFact)?.Shape is not { Rank: 1 })
            items = [.. Enumerable.Range(0, keys.Count).Select(i => Element(all, i))];
        if (items.Count != keys.Count)
            throw new OnnxFormatException($"map '{proto.Name}' has {keys.Count} keys and {items.Count} values; each key has one");
        var entries = keys.Zip(items, (key, value) => new KeyValuePair<object, Value>(key, value)).ToList();
        return new MapValue(type, expected?.Element ?? CommonFact([.. items]), entries);
    }

    private static Tensor Element(Tensor all, int index)
    {
        if (all.Type == DType.String)
            return Tensors.Tensor.From([all.AsStrings()[index]], Shape.Scalar);
        if (all.Type.IsPacked())
            throw new OnnxFormatException($"a map has values of {all.Type.ShortName()}; they are of types of whole bytes");
        Tensor element = Tensors.Tensor.Allocate(all.Type, Shape.Scalar);
        int size = all.Type.ByteSize();
        all.AsBytes().Slice(index * size, size).CopyTo(element.AsBytes());
        return element;
    }

    private OptionalValue Optional(OptionalProto proto, ValueFact? element)
    {
        Value? content = (OptionalProto.Types.DataType)proto.ElemType switch
        {
            OptionalProto.Types.DataType.Undefined => null,
            OptionalProto.Types.DataType.Tensor => proto.TensorValue is null ? null : Tensor(proto.TensorValue),
            OptionalProto.Types.DataType.SparseTensor => proto.SparseTensorValue is null ? null : Sparse(proto.SparseTensorValue),
            OptionalProto.Types.DataType.Sequence => proto.SequenceValue is null ? null : Sequence(proto.SequenceValue, (element as SequenceFact)?.Element),
            OptionalProto.Types.DataType.Map => proto.MapValue is null ? null : Map(proto.MapValue, element as MapFact),
            OptionalProto.Types.DataType.Optional => proto.OptionalValue is null ? null : Optional(proto.OptionalValue, (element as OptionalFact)?.Element),
            _ => throw new OnnxFormatException($"optional '{proto.Name}' has elem_type {proto.ElemType}; known are 0 (absent) to 5 (optional)"),
        };
        return new OptionalValue(element ?? content?.Fact ?? new TensorFact(DType.Undefined, null), content);
    }
}
