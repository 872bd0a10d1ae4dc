using Ai3.Tensors;
using static Ai3.Ops.Tests.QuantizationRunner;

namespace Ai3.Ops.Tests;

/// <summary>Quantised operators on values written out.</summary>
public sealed class QuantizationTests
{
    private const string Microsoft = "com.microsoft";

    private static Attributes With(params (string Name, object Value)[] values) => MovementRunner.Attributes(values);

    [Fact]
    public void QuantizesTiesToEvenAndSaturates()
    {
        byte[] y = Run<byte>("", "QuantizeLinear", 13, Attributes.Empty, Floats([9], 0, 1, 3, 5, -1, 1000, -254, -1000, float.NaN), Floats([], 2), Bytes([], 128));
        Gives(y, 128, 128, 130, 130, 128, 255, 1, 0, 0);
        sbyte[] s = Run<sbyte>("", "QuantizeLinear", 13, Attributes.Empty, Floats([4], 127.5f, -128.5f, 0.5f, 1.5f), Floats([1], 1), SBytes([1], 0));
        Gives(s, 127, -128, 0, 2);
    }

    [Fact]
    public void QuantizesAlongAnAxisAndInBlocks()
    {
        Tensor x = Floats([2, 3], 1, 2, 3, 4, 5, 6);
        Gives(Run<byte>("", "QuantizeLinear", 13, With(("axis", 0)), x, Floats([2], 1, 0.5f)), 1, 2, 3, 8, 10, 12);
        Gives(Run<byte>("", "QuantizeLinear", 13, With(("axis", -1)), x, Floats([3], 1, 0.5f, 0.25f)), 1, 4, 12, 4, 10, 24);
        Gives(Run<byte>("", "QuantizeLinear", 21, With(("axis", 1), ("block_size", 2)), x, Floats([2, 2], 1, 0.5f, 0.5f, 0.25f)), 1, 2, 6, 8, 10, 24);
    }

    [Fact]
    public void DequantizesPerTensorAxisAndBlock()
    {
        Gives(Run<float>("", "DequantizeLinear", 13, Attributes.Empty, Bytes([4], 0, 128, 129, 255), Floats([], 2), Bytes([], 128)), -256, 0, 2, 254);
        Gives(Run<float>("", "DequantizeLinear", 13, With(("axis", 0)), SBytes([2, 2], 2, 2, -5, 5), Floats([2], 0.5f, 0.5f), SBytes([2], 0, 1)), 1, 1, -3, 2);
        Gives(Run<float>("", "DequantizeLinear", 13, With(("axis", 0)), Ints([2], -14, 4), Floats([2], 0.5f, 2)), -7, 8);
    }

    [Fact]
    public void DynamicQuantizationIncludesZeroInItsRange()
    {
        Tensor[] y = Run("", "DynamicQuantizeLinear", 11, Attributes.Empty, 3, Floats([4], 0, 127.5f, 255, 51));
        Gives(y[0].AsSpan<byte>().ToArray(), 0, 128, 255, 51);
        Assert.Equal(1, y[1].AsSpan<float>()[0]);
        Assert.Equal(0, y[2].AsSpan<byte>()[0]);
        y = Run("", "DynamicQuantizeLinear", 11, Attributes.Empty, 3, Floats([2], -100, 155));
        Gives(y[0].AsSpan<byte>().ToArray(), 0, 255);
        Assert.Equal(100, y[2].AsSpan<byte>()[0]);
    }

    [Fact]
    public void IntegerProductsUseTheWholeRange()
    {
        // 3 * 255 * 255, which saturating byte products get wrong.
        int[] y = Run<int>("", "MatMulInteger", 10, Attributes.Empty, Bytes([1, 3], 255, 255, 255), SBytes([3, 2], -128, 127, -128, 127, -128, 127), Bytes([], 0), SBytes([2], 127, -128));
        Gives(y, 3 * 255 * -255, 3 * 255 * 255);
        y = Run<int>("", "MatMulInteger", 10, Attributes.Empty, Bytes([2, 2], 1, 2, 3, 4), Bytes([2, 2], 5, 6, 7, 8), Bytes([2], 1, 2));
        Gives(y, 7, 8, 1 * 5 + 2 * 7, 1 * 6 + 2 * 8);
    }

    [Fact]
    public void RequantizesProductsWithTiesToEven()
    {
        // Sums 1, 3, 5, 7 halved: 0.5, 1.5, 2.5, 3.5.
        byte[] y = Run<byte>("", "QLinearMatMul", 10, Attributes.Empty, Bytes([4, 1], 1, 3, 5, 7), Floats([], 1), Bytes([], 0), Bytes([1, 1], 1), Floats([], 1), Bytes([], 0), Floats([], 2), Bytes([], 10));
        Gives(y, 10, 12, 12, 14);
    }

    [Fact]
    public void PadsOfAConvolutionAreTheZeroPoint()
    {
        Tensor x = Bytes([1, 1, 3, 3], 2, 3, 4, 5, 6, 7, 8, 9, 10), w = Bytes([1, 1, 2, 2], 1, 1, 1, 1);
        Gives(Run<int>("", "ConvInteger", 10, Attributes.Empty, x, w, Bytes([], 1)), 12, 16, 24, 28);
        int[] padded = Run<int>("", "ConvInteger", 10, With(("pads", new[] { 1, 1, 1, 1 })), x, w, Bytes([], 1));
        Gives(padded, 1, 3, 5, 3, 5, 12, 16, 9, 11, 24, 28, 15, 7, 15, 17, 9);
    }

    [Fact]
    public void DepthwiseConvolutionHasItsOwnScales()
    {
        // Two channels, sums 10 and 26, with bias 2 and -2, times 1 and 0.5.
        byte[] y = Run<byte>("", "QLinearConv", 10, With(("group", 2)), Bytes([1, 2, 2, 2], 1, 2, 3, 4, 5, 6, 7, 8), Floats([], 1), Bytes([], 0),
            SBytes([2, 1, 2, 2], 1, 1, 1, 1, 1, 1, 1, 1), Floats([2], 1, 0.5f), SBytes([2], 0, 0), Floats([], 1), Bytes([], 3), Ints([2], 2, -2));
        Gives(y, 15, 15);
    }

    [Fact]
    public void NibblesAreReadLowFirst()
    {
        // One column, 16 codes 0..15, zero point 8, scale 2: the sum of a[k] (k - 8) 2.
        byte[] codes = [.. Enumerable.Range(0, 8).Select(i => (byte)(2 * i | 2 * i + 1 << 4))];
        float[] a = new float[16];
        (a[0], a[1], a[15]) = (1, 10, 100);
        Attributes attributes = With(("K", 16), ("N", 1), ("bits", 4), ("block_size", 16));
        Gives(Run<float>(Microsoft, "MatMulNBits", 1, attributes, Floats([1, 16], a), Bytes([1, 1, 8], codes), Floats([1], 2)), -16 - 140 + 1400);
        Gives(Run<float>(Microsoft, "MatMulNBits", 1, attributes, Floats([1, 16], a), Bytes([1, 1, 8], codes), Floats([1], 2), Bytes([1], 0xF0)), 10 * 2 + 100 * 30);
    }

    [Fact]
    public void AddsAndMultipliesCodes()
    {
        Tensor one = Floats([], 1), half = Floats([], 0.5f), zero = Bytes([], 0);
        Gives(Run<byte>(Microsoft, "QLinearAdd", 1, Attributes.Empty, Bytes([3], 2, 4, 255), one, zero, Bytes([3], 2, 4, 255), half, zero, one, zero), 3, 6, 255);
        Gives(Run<byte>(Microsoft, "QLinearMul", 1, Attributes.Empty, Bytes([2], 2, 4), one, zero, Bytes([2], 2, 4), half, zero, one, zero), 2, 8);
    }

    [Fact]
    public void FunctionsOfCodesRoundOnce()
    {
        Tensor scale = Floats([], 1), zero = Bytes([], 128), out256 = Floats([], 1 / 256f), none = Bytes([], 0);
        Gives(Run<byte>(Microsoft, "QLinearSigmoid", 1, Attributes.Empty, Bytes([3], 128, 0, 255), scale, zero, out256, none), 128, 0, 255);
        Gives(Run<byte>(Microsoft, "QLinearLeakyRelu", 1, With(("alpha", 0.5f)), Bytes([2], 108, 138), scale, zero, scale, zero), 118, 138);
        Gives(Run<byte>(Microsoft, "QLinearSoftmax", 1, With(("opset", 13)), Bytes([1, 2], 7, 7), scale, zero, out256, none), 128, 128);
        Gives(Run<byte>(Microsoft, "QLinearGlobalAveragePool", 1, Attributes.Empty, Bytes([1, 1, 2, 2], 2, 4, 5, 7), scale, none, scale, none), 4);
    }

    [Fact]
    public void RefusesWhatDoesNotFit()
    {
        Assert.Contains("3", Refusal("", "QuantizeLinear", 13, Attributes.Empty, Floats([2, 3], 1, 2, 3, 4, 5, 6), Floats([2], 1, 1)), StringComparison.Ordinal);
        Assert.Contains("opset 13", Refusal("", "QuantizeLinear", 10, With(("axis", 0)), Floats([2], 1, 2), Floats([2], 1, 1)), StringComparison.Ordinal);
        Assert.Contains("u8", Refusal("", "DequantizeLinear", 13, Attributes.Empty, Bytes([1], 1), Floats([], 1), SBytes([], 1)), StringComparison.Ordinal);
        Assert.Contains("rows", Refusal("", "MatMulInteger", 10, Attributes.Empty, Bytes([1, 2], 1, 2), Bytes([3, 1], 1, 2, 3)), StringComparison.Ordinal);
        Assert.Contains("power of two", Refusal(Microsoft, "MatMulNBits", 1, With(("K", 16), ("N", 1), ("block_size", 24)), Floats([1, 16], new float[16]), Bytes([1, 1, 8], new byte[8]), Floats([1], 2)),
            StringComparison.Ordinal);
    }
}
