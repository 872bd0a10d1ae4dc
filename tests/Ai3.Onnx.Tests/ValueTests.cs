using Ai3.Onnx.Protos;
using Ai3.Tensors;
using Google.Protobuf;

namespace Ai3.Onnx.Tests;

public sealed class ValueTests : IDisposable
{
    private static readonly ValueFact Floats = new TensorFact(DType.Float32, null);
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"ai3-{Guid.NewGuid():N}.pb");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void TensorsWithTheirNames()
    {
        OnnxValue.Write(_path, Tensor.Copy<float>([1, 2], [2]), "x");
        (string name, Value value) = OnnxValue.ReadNamed(_path);
        Assert.Equal("x", name);
        Assert.Equal([1f, 2f], ((Tensor)value).AsSpan<float>().ToArray());
        Assert.Equal(["a", "é"], ((Tensor)RoundTrip(Tensor.From(["a", "é"], [2]))).AsStrings().ToArray());
        Assert.Equal([(byte)0x21, (byte)0x3], ((Tensor)OnnxValue.Read(Make.Raw("", DType.Int4, [0x21, 3], 3).ToByteArray())).AsBytes().ToArray());
    }

    [Fact]
    public void Sequences()
    {
        var sequence = (SequenceValue)RoundTrip(new SequenceValue(Floats, [Tensor.Scalar(1f), Tensor.Copy<float>([2, 3], [2])]));
        Assert.Equal(["f32[]", "f32[2]"], sequence.Items.Select(i => i.ToString()));
        Assert.Empty(((SequenceValue)RoundTrip(new SequenceValue(Floats, []))).Items);
        var nested = new SequenceValue(new SequenceFact(Floats), [new SequenceValue(Floats, [Tensor.Scalar(1f)])]);
        Assert.Single(((SequenceValue)((SequenceValue)RoundTrip(nested)).Items[0]).Items);
    }

    [Fact]
    public void Optionals()
    {
        Assert.Null(((OptionalValue)RoundTrip(new OptionalValue(Floats, null))).Content);
        var full = (OptionalValue)RoundTrip(new OptionalValue(new SequenceFact(Floats), new SequenceValue(Floats, [Tensor.Scalar(1f)])));
        Assert.Single(Assert.IsType<SequenceValue>(full.Content).Items);
    }

    [Fact]
    public void MapsWithATensorForEachKey()
    {
        var map = new MapValue(DType.String, Floats, [new("b", Tensor.Scalar(2f)), new("a", Tensor.Scalar(1f))]);
        Assert.Equal(["b f32[] 2", "a f32[] 1"], Entries((MapValue)RoundTrip(map)));
        var inSequence = new SequenceValue(map.Fact, [map]);
        Assert.Equal(["b f32[] 2", "a f32[] 1"], Entries((MapValue)((SequenceValue)RoundTrip(inSequence)).Items[0]));
    }

    [Fact]
    public void MapsWithOneTensorForAllKeys()
    {
        MapProto map = Map(DType.Int64, [7, -1], Make.Tensor("", DType.Float32, 2).With(t => t.FloatData.Add([0.5f, 1.5f])));
        Assert.Equal(["7 f32[] 0.5", "-1 f32[] 1.5"], Entries((MapValue)OnnxValue.Read(map.ToByteArray(), new MapFact(DType.Int64, Floats))));
    }

    [Fact]
    public void ValuesThatContradictThemselvesAreRefused()
    {
        var fact = new MapFact(DType.Int64, Floats);
        Make.Refuses<OnnxFormatException>(() => OnnxValue.Read(Map(DType.Int64, [1, 2], Make.Raw("", DType.Float32, new byte[12], 3)).ToByteArray(), fact), "has 2 keys and 1 values");
        Make.Refuses<OnnxFormatException>(() => OnnxValue.Read(Map(DType.String, [1], Make.Raw("", DType.Float32, new byte[4])).ToByteArray(), fact), "keys in the other field");
        Make.Refuses<OnnxFormatException>(() => OnnxValue.Read(Map(DType.Float32, [1], Make.Raw("", DType.Float32, new byte[4])).ToByteArray(), fact), "keys are integers or strings");
        var sequence = new SequenceProto { ElemType = 9 };
        Make.Refuses<OnnxFormatException>(() => OnnxValue.Read(sequence.ToByteArray(), new SequenceFact(Floats)), "elem_type 9");
        sequence.ElemType = 3;
        sequence.TensorValues.Add(Make.Raw("", DType.UInt8, [1]));
        Make.Refuses<OnnxFormatException>(() => OnnxValue.Read(sequence.ToByteArray(), new SequenceFact(Floats)), "elements of another kind");
        Make.Refuses<OnnxFormatException>(() => OnnxValue.Read(new OptionalProto { ElemType = 8 }.ToByteArray(), new OptionalFact(Floats)), "elem_type 8");
        Make.Refuses<OnnxFormatException>(() => OnnxValue.Read(Array.Empty<byte>()), "the file is empty");
        File.WriteAllBytes(_path, Make.Raw("t", DType.Float32, new byte[3], 1).ToByteArray());
        Make.Refuses<OnnxFormatException>(() => OnnxValue.Read(_path), _path, "tensor 't' has 3 bytes of raw_data");
        var external = Make.Tensor("t", DType.UInt8, 1).With(t => t.DataLocation = TensorProto.Types.DataLocation.External);
        external.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "w.bin" });
        Make.Refuses<OnnxFormatException>(() => OnnxValue.Read(external.ToByteArray()), "has no folder");
    }

    private static MapProto Map(DType key, long[] keys, TensorProto values)
    {
        var map = new MapProto { KeyType = (int)key, Values = new SequenceProto { ElemType = 1 } };
        map.Keys.Add(keys);
        map.Values.TensorValues.Add(values);
        return map;
    }

    private static IEnumerable<string> Entries(MapValue map) => map.Entries.Select(e => $"{e.Key} {e.Value} {((Tensor)e.Value).AsSpan<float>()[0]}");

    private Value RoundTrip(Value value)
    {
        OnnxValue.Write(_path, value);
        return OnnxValue.Read(_path, value.Fact);
    }
}
