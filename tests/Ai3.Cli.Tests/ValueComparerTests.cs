using Ai3.Tensors;

namespace Ai3.Cli.Tests;

public class ValueComparerTests
{
    private static readonly TensorFact Single = new(DType.Float32, Shape.Scalar);

    private static string? Compare(Value got, Value expected, double rtol = 1e-3, double atol = 1e-7) => new ValueComparer(new Tolerance(rtol, atol)).Compare(got, expected);

    private static Tensor Of<T>(params T[] values) where T : unmanaged => Tensor.From(values, [values.Length]);

    [Theory]
    [InlineData(1f, 1.0009f, true)]
    [InlineData(1f, 1.0011f, false)]
    [InlineData(0f, 9e-8f, true)]
    [InlineData(0f, 2e-7f, false)]
    [InlineData(float.NaN, float.NaN, true)]
    [InlineData(float.NaN, 1f, false)]
    [InlineData(1f, float.NaN, false)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity, true)]
    [InlineData(float.PositiveInfinity, float.NegativeInfinity, false)]
    [InlineData(float.PositiveInfinity, 1f, false)]
    [InlineData(1f, float.PositiveInfinity, false)]
    [InlineData(-0f, 0f, true)]
    public void FloatsAgreeWithinTolerance(float expected, float got, bool agree)
    {
        Assert.Equal(agree, Compare(Of(got), Of(expected)) is null);
        Assert.Equal(agree, Compare(Of((double)got), Of((double)expected)) is null);
    }

    [Fact]
    public void HalvesAreComparedAsNumbers()
    {
        Assert.Null(Compare(Of((Half)1), Of((Half)1.0009766)));
        Assert.NotNull(Compare(Of((Half)1), Of((Half)1.01)));
        Assert.Null(Compare(Of((BFloat16)1f), Of((BFloat16)1.0078125f), rtol: 1e-2));
        Assert.NotNull(Compare(Of((BFloat16)1f), Of((BFloat16)1.0078125f)));
    }

    [Fact]
    public void IntegersAreExactUnlessTheCaseAllowsOne()
    {
        Assert.NotNull(Compare(Of(7L), Of(8L), rtol: 1));
        Assert.Null(Compare(Of(7L), Of(8L), atol: 1));
        Assert.NotNull(Compare(Of<byte>(7), Of<byte>(9), rtol: 0, atol: 1));
        Assert.NotNull(Compare(Of(long.MaxValue), Of(long.MaxValue - 1)));
        Assert.NotNull(Compare(Of(ulong.MaxValue), Of(0UL)));
        Assert.NotNull(Compare(Of(true), Of(false)));
    }

    [Fact]
    public void TypeAndShapeMustMatch()
    {
        Assert.Equal("got f32[1], expected f64[1]", Compare(Of(1f), Of(1d)));
        Assert.Equal("got f32[2], expected f32[1,2]", Compare(Of(1f, 2f), Tensor.From(new[] { 1f, 2f }, [1, 2])));
    }

    [Fact]
    public void TheWorstElementIsDescribed()
    {
        Tensor got = Tensor.From(new[] { 1f, 2f, 3.5f, 5f }, [2, 2]), expected = Tensor.From(new[] { 1f, 2.5f, 3f, 4f }, [2, 2]);
        Assert.Equal("element [1,1]: got 5, expected 4, error 1e0 (rtol 1e-3, atol 1e-7); 3 of 4 elements differ", Compare(got, expected));
    }

    [Fact]
    public void StringsAreExact()
    {
        Assert.Null(Compare(Tensor.From(["a", ""], [2]), Tensor.From(["a", ""], [2])));
        Assert.Equal("element [1]: got \"b\", expected \"B\"", Compare(Tensor.From(["a", "b"], [2]), Tensor.From(["a", "B"], [2])));
    }

    [Fact]
    public void PackedElementsAreUnpacked()
    {
        Tensor Int4(byte b) => Packed(DType.Int4, b, 2);
        Assert.Null(Compare(Int4(0x8F), Int4(0x8F)));
        Assert.Contains("element [1]: got -8, expected 7", Compare(Int4(0x8F), Int4(0x7F)), StringComparison.Ordinal);
        // The bits after the last element do not count.
        Assert.Null(Compare(Packed(DType.UInt4, 0xF3, 1), Packed(DType.UInt4, 0x03, 1)));
    }

    [Theory]
    [InlineData(DType.Float8E4M3FN, 0x38, 1)]
    [InlineData(DType.Float8E4M3FN, 0x7E, 448)]
    [InlineData(DType.Float8E4M3FN, 0x01, 0.001953125)]
    [InlineData(DType.Float8E4M3FN, 0x7F, double.NaN)]
    [InlineData(DType.Float8E4M3FNUZ, 0x40, 1)]
    [InlineData(DType.Float8E4M3FNUZ, 0x80, double.NaN)]
    [InlineData(DType.Float8E5M2, 0x3C, 1)]
    [InlineData(DType.Float8E5M2, 0xFC, double.NegativeInfinity)]
    [InlineData(DType.Float8E5M2, 0x7B, 57344)]
    [InlineData(DType.Float8E5M2FNUZ, 0x40, 1)]
    [InlineData(DType.Float8E8M0, 0x80, 2)]
    [InlineData(DType.Float8E8M0, 0xFF, double.NaN)]
    public void SmallFloatsAreDecoded(DType type, byte bits, double value) => Assert.Equal(value, SmallFloat.Decode(type, bits));

    [Fact]
    public void SequencesMapsAndOptionalsAreComparedPartByPart()
    {
        SequenceValue Sequence(params Value[] items) => new(Single, items);
        MapValue Map(params (long Key, float Value)[] entries) => new(DType.Int64, Single, [.. entries.Select(e => new KeyValuePair<object, Value>(e.Key, Of(e.Value)))]);
        Assert.Null(Compare(Sequence(Of(1f), Of(2f)), Sequence(Of(1f), Of(2f))));
        Assert.Equal("got a sequence of 1, expected 2", Compare(Sequence(Of(1f)), Sequence(Of(1f), Of(2f))));
        Assert.StartsWith("element 1: element [0]: got 3", Compare(Sequence(Of(1f), Of(3f)), Sequence(Of(1f), Of(2f))), StringComparison.Ordinal);
        Assert.Null(Compare(Map((1, 1), (2, 2)), Map((2, 2), (1, 1))));
        Assert.Equal("key 3 is missing", Compare(Map((1, 1)), Map((3, 1))));
        Assert.StartsWith("key 1: element [0]", Compare(Map((1, 1)), Map((1, 2))), StringComparison.Ordinal);
        Assert.Null(Compare(new OptionalValue(Single, null), new OptionalValue(Single, null)));
        Assert.NotNull(Compare(new OptionalValue(Single, null), new OptionalValue(Single, Of(1f))));
        Assert.Null(Compare(new OptionalValue(Single, Of(1f)), new OptionalValue(Single, Of(1f))));
    }

    private static Tensor Packed(DType type, byte bits, long count)
    {
        Tensor tensor = Tensor.Zeros(type, [count]);
        tensor.AsBytes()[0] = bits;
        return tensor;
    }
}
