using Ai3.Tensors;
using static Ai3.Ops.Tests.ElementwiseRunner;

namespace Ai3.Ops.Tests;

/// <summary>Cast, CastLike, Identity and Dropout on values written out.</summary>
public class ElementwiseCastTests
{
    private static Attributes To(DType type, bool saturate = true) => Attributes(("to", (long)type), ("saturate", saturate ? 1L : 0L));

    [Fact]
    public void FloatsTruncateToIntegersAndSaturate()
    {
        Tensor x = F32(-1.9f, 1.9f, 2.5f, float.NaN, 3e9f, -3e9f, 300);
        Expect(x, DType.Int32, new[] { -1, 1, 2, 0, int.MaxValue, int.MinValue, 300 });
        Expect(x, DType.UInt8, new byte[] { 0, 1, 2, 0, 255, 0, 255 });
        Expect(x, DType.Int64, new[] { -1L, 1, 2, 0, 3000000000, -3000000000, 300 });
        Expect(x, DType.Bool, new[] { true, true, true, true, true, true, true });
        Expect(F32(0, -0f, 1e-40f), DType.Bool, new[] { false, false, true });
    }

    [Fact]
    public void IntegersWrap()
    {
        Tensor x = Tensor.From<int>([-1, 255, 256, 70000], [4]);
        Expect(x, DType.UInt8, new byte[] { 255, 255, 0, 112 });
        Expect(x, DType.Int16, new short[] { -1, 255, 256, 4464 });
        Expect(x, DType.UInt64, new ulong[] { ulong.MaxValue, 255, 256, 70000 });
        Expect(x, DType.Float32, new[] { -1f, 255, 256, 70000 });
        Expect(Tensor.From<ulong>([ulong.MaxValue], [1]), DType.Float64, new[] { 18446744073709551615.0 });
        Expect(Tensor.From<bool>([true, false], [2]), DType.Float32, new[] { 1f, 0 });
    }

    [Fact]
    public void HalvesRoundToEven()
    {
        Expect(F32(2049, 2051, 65520, 1e-8f), DType.Float16, new[] { (Half)2048, (Half)2052, Half.PositiveInfinity, (Half)0 });
        Expect(F32(1.00390625f, 1.01171875f), DType.BFloat16, new[] { (BFloat16)1f, (BFloat16)1.015625f });
        Expect(Tensor.From<Half>([(Half)1.5f], [1]), DType.Float64, new[] { 1.5 });
    }

    [Theory]
    [InlineData(DType.Float8E4M3FN)]
    [InlineData(DType.Float8E4M3FNUZ)]
    [InlineData(DType.Float8E5M2)]
    [InlineData(DType.Float8E5M2FNUZ)]
    [InlineData(DType.Float4E2M1)]
    [InlineData(DType.Float8E8M0)]
    [InlineData(DType.Int4)]
    [InlineData(DType.UInt4)]
    [InlineData(DType.Int2)]
    [InlineData(DType.UInt2)]
    public void NarrowTypesAgreeWithTheSearchOfAllCodes(DType type)
    {
        var sample = new List<float>();
        for (uint bits = 0; bits < uint.MaxValue - 700_001; bits += 700_001)
            sample.Add(BitConverter.UInt32BitsToSingle(bits));
        for (int i = -2000; i < 2000; i++)
            sample.Add(i / 4f);
        sample.AddRange([0, -0f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 448, 464, 465, 240, 248, 57344, 61440, 61441]);
        foreach (bool saturate in new[] { true, false })
        {
            byte[]? first = null;
            foreach ((string row, Tensor output) in Run("Cast", 25, To(type, saturate), F32([.. sample])))
            {
                first ??= output.AsBytes().ToArray();
                Assert.True(output.AsBytes().SequenceEqual(first), $"{row} {saturate}");
            }
        }
        // Every code survives the way to float32 and back.
        var codes = Tensor.Allocate(type, Shape.Create(256));
        Span<byte> bytes = codes.AsBytes();
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(i * 256 / bytes.Length + i % 3);
        foreach ((string row, Tensor output) in Run("Cast", 25, To(DType.Float32), codes))
            foreach ((string rowBack, Tensor back) in Run("Cast", 25, To(type), output).Take(1))
                for (int i = 0; i < bytes.Length; i++)
                    Assert.True(bytes[i] == back.AsBytes()[i] || IsSpecial(type, bytes[i]), $"{row} {rowBack} code {bytes[i]:x2}");
    }

    [Fact]
    public void Float8HasTheCodesOfTheStandard()
    {
        Tensor x = F32(1, -0.5f, 1e6f, BitConverter.Int32BitsToSingle(0x7FC00000), 0.001953125f);
        Bytes(x, DType.Float8E4M3FN, [0x38, 0xB0, 0x7E, 0x7F, 0x01]);
        Bytes(x, DType.Float8E5M2, [0x3C, 0xB8, 0x7B, 0x7E, 0x18]);
        Bytes(x, DType.Float8E4M3FNUZ, [0x40, 0xB8, 0x7F, 0x80, 0x02]);
        Bytes(F32(1, -1, 6, 100, 0.3f), DType.Float4E2M1, [0xA2, 0x77, 0x01]);
    }

    [Fact]
    public void ReadsTypesInWordsBeforeOpset6()
    {
        foreach ((string row, Tensor output) in Run("Cast", 1, Attributes(("to", "INT32")), F32(1.5f)))
            Assert.True(output.AsSpan<int>().SequenceEqual([1]), row);
        Assert.Throws<OpException>(() => Run("Cast", 13, Attributes(("to", 99L)), F32(1)).ToList());
        Assert.Throws<OpException>(() => Run("Cast", 13, Attributes(("to", (long)DType.Complex64)), F32(1)).ToList());
    }

    [Fact]
    public void StringsAreReadAndWritten()
    {
        Tensor texts = Tensor.From(["3.14", "1e-5", "-INF", "NaN", " 7 "], Shape.Create(5));
        Assert.Equal([3.14f, 1e-5f, float.NegativeInfinity, float.NaN, 7f], Host("Cast", To(DType.Float32), texts).AsSpan<float>().ToArray());
        Assert.Equal([9007199254740993], Host("Cast", To(DType.Int64), Tensor.From(["9007199254740993"], Shape.Create(1))).AsSpan<long>().ToArray());
        Assert.Equal(["0.1", "INF", "NaN", "-2"], Host("Cast", To(DType.String), F32(0.1f, float.PositiveInfinity, float.NaN, -2)).AsStrings().ToArray());
        var error = Assert.Throws<OpException>(() => Host("Cast", To(DType.Float32), Tensor.From(["1", "abc"], Shape.Create(2))));
        Assert.Equal("element 1 is \"abc\", which is no f32", error.Message);
        Assert.Throws<OpException>(() => Host("Cast", To(DType.UInt8), Tensor.From(["256"], Shape.Create(1))));
    }

    [Fact]
    public void StringsCompareAndSelect()
    {
        Tensor a = Tensor.From(["a", "b"], Shape.Create(2, 1)), b = Tensor.From(["a", "c"], Shape.Create(2));
        Assert.Equal([true, false, false, false], Host("Equal", Attributes(), a, b).AsSpan<bool>().ToArray());
        Assert.Equal(["a", "c"], Host("Where", Attributes(), Tensor.From<bool>([true, false], [2]), Tensor.From(["a"], Shape.Create(1)), b).AsStrings().ToArray());
    }

    [Fact]
    public void IdentityAndDropoutAreViews()
    {
        foreach ((string op, int opset) in new[] { ("Identity", 1), ("Identity", 25), ("Dropout", 1), ("Dropout", 7), ("Dropout", 13) })
            foreach ((string row, Tensor output) in Run(op, opset, Attributes(), F32(1, 2, 3)))
                Assert.True(output.AsSpan<float>().SequenceEqual([1, 2, 3]), row);
    }

    private static Tensor Host(string name, Attributes attributes, params Tensor[] inputs)
    {
        OpDefinition op = Find(name, 21);
        NodeFacts node = Node(21, attributes, inputs);
        Assert.True(op.RunsOnHost(node));
        op.Infer(node);
        return (Tensor)op.RunOnHost(node, inputs, 1 << 20)[0];
    }

    private static bool IsSpecial(DType type, byte code) => type != DType.Float4E2M1 && Float8Format.Of(type) is { } format && !float.IsFinite(format.Values[code]);

    private static void Expect<T>(Tensor x, DType to, T[] expected) where T : unmanaged
    {
        foreach ((string row, Tensor output) in Run("Cast", 13, To(to), x))
            Assert.True(output.AsSpan<T>().SequenceEqual(expected), $"{row}: {string.Join(",", output.AsSpan<T>().ToArray())}");
    }

    private static void Bytes(Tensor x, DType to, byte[] expected)
    {
        foreach ((string row, Tensor output) in Run("Cast", 25, To(to), x))
            Assert.True(output.AsBytes().SequenceEqual(expected), $"{row}: {Convert.ToHexString(output.AsBytes())}");
    }
}
