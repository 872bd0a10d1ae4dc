using System.Numerics;
using Ai3.Onnx.Protos;
using Ai3.Runtime;
using Ai3.Tensors;
using Google.Protobuf;

namespace Ai3.Onnx.Tests;

public class TensorTests
{
    [Fact]
    public void TypedFieldsHoldEveryType()
    {
        Assert.Equal([1.5f, -2f], Make.LoadTensor(Make.Tensor("t", DType.Float32, 2).With(t => t.FloatData.Add([1.5f, -2f]))).AsSpan<float>());
        Assert.Equal([1.5, -2], Make.LoadTensor(Make.Tensor("t", DType.Float64, 2).With(t => t.DoubleData.Add([1.5, -2]))).AsSpan<double>());
        Assert.Equal([new Complex64(1, 2)], Make.LoadTensor(Make.Tensor("t", DType.Complex64, 1).With(t => t.FloatData.Add([1, 2]))).AsSpan<Complex64>());
        Assert.Equal([new Complex(1, 2)], Make.LoadTensor(Make.Tensor("t", DType.Complex128, 1).With(t => t.DoubleData.Add([1, 2]))).AsSpan<Complex>());
        Assert.Equal([long.MinValue, 5], Make.LoadTensor(Make.Tensor("t", DType.Int64, 2).With(t => t.Int64Data.Add([long.MinValue, 5]))).AsSpan<long>());
        Assert.Equal([ulong.MaxValue], Make.LoadTensor(Make.Tensor("t", DType.UInt64, 1).With(t => t.Uint64Data.Add(ulong.MaxValue))).AsSpan<ulong>());
        Assert.Equal([uint.MaxValue], Make.LoadTensor(Make.Tensor("t", DType.UInt32, 1).With(t => t.Uint64Data.Add(uint.MaxValue))).AsSpan<uint>());
        Assert.Equal([int.MinValue], Make.LoadTensor(Int32s(DType.Int32, 1, int.MinValue)).AsSpan<int>());
        Assert.Equal([(short)-32768, (short)7], Make.LoadTensor(Int32s(DType.Int16, 2, -32768, 7)).AsSpan<short>());
        Assert.Equal([(ushort)65535], Make.LoadTensor(Int32s(DType.UInt16, 1, 65535)).AsSpan<ushort>());
        Assert.Equal([(sbyte)-128], Make.LoadTensor(Int32s(DType.Int8, 1, -128)).AsSpan<sbyte>());
        Assert.Equal([(byte)255], Make.LoadTensor(Int32s(DType.UInt8, 1, 255)).AsSpan<byte>());
        Assert.Equal([true, false], Make.LoadTensor(Int32s(DType.Bool, 2, 1, 0)).AsSpan<bool>());
        Assert.Equal([(Half)1.5f], Make.LoadTensor(Int32s(DType.Float16, 1, 0x3E00)).AsSpan<Half>());
        Assert.Equal([(BFloat16)1.5f], Make.LoadTensor(Int32s(DType.BFloat16, 1, 0x3FC0)).AsSpan<BFloat16>());
        Assert.Equal([(byte)0xC0], Make.LoadTensor(Int32s(DType.Float8E4M3FN, 1, 0xC0)).AsBytes());
        Assert.Equal([(byte)0x21, (byte)0x03], Make.LoadTensor(Int32s(DType.Int4, 3, 0x21, 0x03)).AsBytes());
        Assert.Equal([(byte)0xE4, (byte)0x01], Make.LoadTensor(Int32s(DType.UInt2, 5, 0xE4, 0x01)).AsBytes());
        Assert.Equal(["a", "é", "\u00FF"], Make.LoadTensor(Make.Tensor("t", DType.String, 3).With(t => t.StringData.Add(
            [ByteString.CopyFromUtf8("a"), ByteString.CopyFromUtf8("é"), ByteString.CopyFrom(0xFF)]))).AsStrings());
    }

    [Fact]
    public void RawBytesHoldEveryType()
    {
        foreach (DType type in Enum.GetValues<DType>().Where(t => t.IsDefined() && t != DType.String))
        {
            byte[] bytes = [.. Enumerable.Range(0, (int)type.ByteCount(3)).Select(i => (byte)(type == DType.Bool ? i & 1 : i + 1))];
            Tensor tensor = Make.LoadTensor(Make.Raw("t", type, bytes, 3));
            Assert.Equal(type, tensor.Type);
            Assert.Equal(bytes, tensor.AsBytes());
        }
    }

    [Fact]
    public void EmptyTensorsNeedNoData()
    {
        Assert.Equal(0, Make.LoadTensor(Make.Tensor("t", DType.Float32, 0, 1L << 62)).Count);
        Assert.Equal(0, Make.LoadTensor(Make.Raw("t", DType.Int4, [], 3, 0)).Count);
        Assert.Equal(0, Make.LoadTensor(Make.Tensor("t", DType.String, 0)).Count);
    }

    [Fact]
    public void ContradictionsAreRefused()
    {
        Refuses(Make.Raw("w", DType.Float32, new byte[12], 2, 2), "initializer 'w' has 12 bytes of raw_data, f32[2,2] takes 16");
        Refuses(Make.Raw("w", DType.Int4, new byte[3], 3), "has 3 bytes of raw_data, i4[3] takes 2");
        Refuses(Make.Raw("w", DType.Float32, new byte[4], -1, 4), "dimension -1");
        Refuses(Make.Raw("w", DType.Float32, new byte[4], 1L << 31, 1L << 31, 1L << 31), "does not fit in 63 bits");
        Refuses(Make.Raw("w", DType.Float32, new byte[4], 1L << 62), "do not fit in 63 bits");
        Refuses(Make.Raw("w", (DType)999, new byte[4], 1), "data_type 999");
        Refuses(Make.Raw("w", DType.Undefined, new byte[4], 1), "data_type 0");
        Refuses(Make.Tensor("w", DType.Float32, 1), "has no data; f32[1] takes 4 bytes");
        Refuses(Make.Tensor("w", DType.Float32), "has no data; f32[] takes 4 bytes");
        Refuses(Make.Tensor("w", DType.String, 2).With(t => t.StringData.Add(ByteString.Empty)), "has 1 values in string_data, string[2] takes 2");
        Refuses(Make.Raw("w", DType.String, [1], 1), "strings are in string_data");
        Refuses(Make.Raw("w", DType.Bool, [0, 2], 2), "element 1 is 2; bools are 0 or 1");
        Refuses(Int32s(DType.Float32, 1, 1), "has 0 values in float_data, f32[1] takes 1");
        Refuses(Int32s(DType.UInt8, 1, 256), "256 in int32_data[0], which is no value of u8");
        Refuses(Int32s(DType.UInt8, 1, -1), "-1 in int32_data[0]");
        Refuses(Int32s(DType.Bool, 1, 2), "no value of bool");
        Refuses(Int32s(DType.Int4, 3, 1), "has 1 values in int32_data, i4[3] takes 2");
        Refuses(Make.Tensor("w", DType.UInt32, 1).With(t => t.Uint64Data.Add(1UL << 32)), "no value of u32");
        Refuses(Make.Tensor("w", DType.Complex64, 1).With(t => t.FloatData.Add(1)), "has 1 values in float_data, c64[1] takes 2");
        Refuses(Make.Raw("w", DType.Float32, new byte[4], 1).With(t => t.FloatData.Add(1)), "more than one field");
        Refuses(Int32s(DType.Int32, 1, 1).With(t => t.FloatData.Add(1)), "more than one field");
        Refuses(Make.Raw("w", DType.Float32, new byte[4], 1).With(t => t.Segment = new() { Begin = 0, End = 1 }), "segment");
        Refuses(Make.Raw("w", DType.Float32, new byte[4], 1).With(t => t.DataLocation = (TensorProto.Types.DataLocation)7), "has no data", "data_location");
    }

    [Fact]
    public void LongListsOfFloatsStayWhereTheyAre()
    {
        float[] floats = [.. Enumerable.Range(0, 2000).Select(i => i / 3f)];
        double[] doubles = [.. Enumerable.Range(0, 2000).Select(i => i / 3.0)];
        byte[] file = Make.WithInitializer(Make.Tensor("w", DType.Float32, 2000).With(t => t.FloatData.Add(floats))).ToByteArray();
        Assert.InRange(SkeletonScanner.Scan(file, MessageKind.ModelProto, ImportLimits.Default).Count, 1, 200);
        Assert.Equal(floats, OnnxModel.Load(file).Spec.Initializers[0].Value.AsSpan<float>().ToArray());
        Assert.Equal(doubles, Make.LoadTensor(Make.Tensor("w", DType.Float64, 2, 1000).With(t => t.DoubleData.Add(doubles))).AsSpan<double>().ToArray());
        Assert.Equal(new Complex64(floats[1998], floats[1999]), Make.LoadTensor(Make.Tensor("w", DType.Complex64, 1000).With(t => t.FloatData.Add(floats))).AsSpan<Complex64>()[^1]);
        Refuses(Make.Tensor("w", DType.Float32, 1999).With(t => t.FloatData.Add(floats)), "has 8000 bytes of float_data, f32[1999] takes 7996");
        Refuses(Make.Tensor("w", DType.Int32, 2000).With(t => t.FloatData.Add(floats)), "is of i32, but has its data in float_data");
        Refuses(Make.Tensor("w", DType.Float32, 4000).With(t => t.DoubleData.Add(doubles)), "is of f32, but has its data in double_data");
        Refuses(Make.Tensor("w", DType.String, 2000).With(t => t.FloatData.Add(floats)), "strings are in string_data");
        Refuses(Make.Raw("w", DType.Float32, new byte[8000], 2000).With(t => t.FloatData.Add(floats)), "in more than one field");
        Refuses(Make.Tensor("w", DType.Float32, 2000).With(t => t.FloatData.Add(floats)).With(t => t.Int32Data.Add(1)), "in more than one field");
    }

    [Fact]
    public void LimitsHold()
    {
        TensorProto big = Make.Raw("w", DType.UInt8, new byte[100], 100);
        Make.Refuses<LimitExceededException>(() => Make.LoadTensor(big, ImportLimits.Default with { TensorBytes = 99 }), "takes 100 bytes, the limit is 99");
        Make.Refuses<LimitExceededException>(() => Make.LoadTensor(big, ImportLimits.Default with { ModelBytes = 99 }), "the limit is 99");
        Make.Refuses<LimitExceededException>(() => Make.LoadTensor(Make.Raw("w", DType.UInt8, [1], [.. Enumerable.Repeat(1L, 17)]), ImportLimits.Untrusted), "17 dimensions");
    }

    private static TensorProto Int32s(DType type, long dim, params int[] values) => Make.Tensor("w", type, dim).With(t => t.Int32Data.Add(values));

    private static void Refuses(TensorProto tensor, params string[] anyOf)
    {
        OnnxFormatException error = Assert.Throws<OnnxFormatException>(() => Make.LoadTensor(tensor));
        Assert.True(anyOf.Any(m => error.Message.Contains(m, StringComparison.Ordinal)), error.Message);
    }
}
