using Ai3.Onnx.Protos;
using Ai3.Tensors;
using Google.Protobuf;

namespace Ai3.Onnx;

/// <summary>A value to the message of a file of its own.</summary>
internal static class ValueEncoder
{
    private static readonly TensorEncoder Tensors = new();

    public static IMessage Encode(Value value, string name) => value switch
    {
        Tensor tensor => Tensors.Encode(tensor, name),
        SequenceValue sequence => Sequence(sequence, name),
        MapValue map => Map(map, name),
        OptionalValue optional => Optional(optional, name),
        _ => throw new ArgumentException($"a {value.GetType().Name} has no message in ONNX"),
    };

    private static SequenceProto Sequence(SequenceValue value, string name)
    {
        var proto = new SequenceProto { Name = name, ElemType = (int)KindOf(((SequenceFact)value.Fact).Element) };
        foreach (Value item in value.Items)
            switch (item)
            {
                case Tensor tensor:
                    proto.TensorValues.Add(Tensors.Encode(tensor, ""));
                    break;
                case SequenceValue sequence:
                    proto.SequenceValues.Add(Sequence(sequence, ""));
                    break;
                case MapValue map:
                    proto.MapValues.Add(Map(map, ""));
                    break;
                case OptionalValue optional:
                    proto.OptionalValues.Add(Optional(optional, ""));
                    break;
            }
        return proto;
    }

    private static MapProto Map(MapValue value, string name)
    {
        var fact = (MapFact)value.Fact;
        var proto = new MapProto { Name = name, KeyType = (int)fact.Key };
        foreach ((object key, Value _) in value.Entries)
        {
            if (key is string text)
                proto.StringKeys.Add(Text.Encode(text));
            else
                proto.Keys.Add((long)key);
        }
        proto.Values = Sequence(new SequenceValue(fact.Element, [.. value.Entries.Select(e => e.Value)]), "");
        return proto;
    }

    private static OptionalProto Optional(OptionalValue value, string name)
    {
        var proto = new OptionalProto { Name = name, ElemType = value.Content is null ? 0 : (int)KindOf(((OptionalFact)value.Fact).Element) };
        switch (value.Content)
        {
            case Tensor tensor:
                proto.TensorValue = Tensors.Encode(tensor, "");
                break;
            case SequenceValue sequence:
                proto.SequenceValue = Sequence(sequence, "");
                break;
            case MapValue map:
                proto.MapValue = Map(map, "");
                break;
            case OptionalValue optional:
                proto.OptionalValue = Optional(optional, "");
                break;
        }
        return proto;
    }

    private static SequenceProto.Types.DataType KindOf(ValueFact fact) => fact switch
    {
        TensorFact => SequenceProto.Types.DataType.Tensor,
        SequenceFact => SequenceProto.Types.DataType.Sequence,
        MapFact => SequenceProto.Types.DataType.Map,
        OptionalFact => SequenceProto.Types.DataType.Optional,
        _ => SequenceProto.Types.DataType.Undefined,
    };
}
