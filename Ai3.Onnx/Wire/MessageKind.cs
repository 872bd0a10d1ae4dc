namespace Ai3.Onnx;

/// <summary>The messages of onnx.proto, as far as walking through the bytes needs to know them.</summary>
internal enum MessageKind : byte
{
    /// <summary>Not a message: a number, a string, or a field that we do not know.</summary>
    None,
    /// <summary>Not a message either: TensorProto.raw_data.</summary>
    RawData,
    ModelProto,
    OperatorSetIdProto,
    StringStringEntryProto,
    GraphProto,
    NodeProto,
    AttributeProto,
    ValueInfoProto,
    TypeProto,
    TypeTensor,
    TypeSequence,
    TypeMap,
    TypeOptional,
    TypeSparseTensor,
    TypeOpaque,
    TensorShapeProto,
    Dimension,
    TensorProto,
    Segment,
    SparseTensorProto,
    FunctionProto,
    SequenceProto,
    MapProto,
    OptionalProto,
}

/// <summary>Which field of which message holds a message.</summary>
internal static class MessageSchema
{
    /// <summary>What the field holds, if it is a message or raw_data.</summary>
    public static MessageKind Child(MessageKind message, uint field) => (message, field) switch
    {
        (MessageKind.ModelProto, 7) => MessageKind.GraphProto,
        (MessageKind.ModelProto, 8) => MessageKind.OperatorSetIdProto,
        (MessageKind.ModelProto, 14) => MessageKind.StringStringEntryProto,
        (MessageKind.ModelProto, 25) => MessageKind.FunctionProto,
        (MessageKind.GraphProto, 1) => MessageKind.NodeProto,
        (MessageKind.GraphProto, 5) => MessageKind.TensorProto,
        (MessageKind.GraphProto, 11 or 12 or 13) => MessageKind.ValueInfoProto,
        (MessageKind.GraphProto, 15) => MessageKind.SparseTensorProto,
        (MessageKind.NodeProto, 5) => MessageKind.AttributeProto,
        (MessageKind.AttributeProto, 5 or 10) => MessageKind.TensorProto,
        (MessageKind.AttributeProto, 6 or 11) => MessageKind.GraphProto,
        (MessageKind.AttributeProto, 14 or 15) => MessageKind.TypeProto,
        (MessageKind.AttributeProto, 22 or 23) => MessageKind.SparseTensorProto,
        (MessageKind.ValueInfoProto, 2) => MessageKind.TypeProto,
        (MessageKind.TypeProto, 1) => MessageKind.TypeTensor,
        (MessageKind.TypeProto, 4) => MessageKind.TypeSequence,
        (MessageKind.TypeProto, 5) => MessageKind.TypeMap,
        (MessageKind.TypeProto, 7) => MessageKind.TypeOpaque,
        (MessageKind.TypeProto, 8) => MessageKind.TypeSparseTensor,
        (MessageKind.TypeProto, 9) => MessageKind.TypeOptional,
        (MessageKind.TypeTensor or MessageKind.TypeSparseTensor, 2) => MessageKind.TensorShapeProto,
        (MessageKind.TypeSequence or MessageKind.TypeOptional, 1) => MessageKind.TypeProto,
        (MessageKind.TypeMap, 2) => MessageKind.TypeProto,
        (MessageKind.TensorShapeProto, 1) => MessageKind.Dimension,
        (MessageKind.TensorProto, 3) => MessageKind.Segment,
        (MessageKind.TensorProto, 9) => MessageKind.RawData,
        (MessageKind.TensorProto, 13) => MessageKind.StringStringEntryProto,
        (MessageKind.SparseTensorProto, 1 or 2) => MessageKind.TensorProto,
        (MessageKind.FunctionProto, 7) => MessageKind.NodeProto,
        (MessageKind.FunctionProto, 9) => MessageKind.OperatorSetIdProto,
        (MessageKind.FunctionProto, 11) => MessageKind.AttributeProto,
        (MessageKind.FunctionProto, 12) => MessageKind.ValueInfoProto,
        (MessageKind.SequenceProto, 3) => MessageKind.TensorProto,
        (MessageKind.SequenceProto, 4) => MessageKind.SparseTensorProto,
        (MessageKind.SequenceProto, 5) => MessageKind.SequenceProto,
        (MessageKind.SequenceProto, 6) => MessageKind.MapProto,
        (MessageKind.SequenceProto, 7) => MessageKind.OptionalProto,
        (MessageKind.MapProto, 5) => MessageKind.SequenceProto,
        (MessageKind.OptionalProto, 3) => MessageKind.TensorProto,
        (MessageKind.OptionalProto, 4) => MessageKind.SparseTensorProto,
        (MessageKind.OptionalProto, 5) => MessageKind.SequenceProto,
        (MessageKind.OptionalProto, 6) => MessageKind.MapProto,
        (MessageKind.OptionalProto, 7) => MessageKind.OptionalProto,
        _ => MessageKind.None,
    };
}
