using Ai3.Tensors;
using static Ai3.Ops.Tests.QuantizationRunner;

namespace Ai3.Ops.Tests;

/// <summary>Operators of com.microsoft that CPU models carry, with values written out; every row at every level gives the same bytes.</summary>
public sealed class ContributedTests
{
    private const string Microsoft = "com.microsoft";

    [Fact]
    public void CDistMeasuresEveryPairOfRows()
    {
        Tensor a = Floats([2, 2], 0, 0, 3, 4), b = Floats([3, 2], 3, 4, 0, 0, 3, 0);
        Gives(Run<float>(Microsoft, "CDist", 1, MovementRunner.Attributes(("metric", "euclidean")), a, b), 5, 0, 3, 0, 5, 4);
        Gives(Run<float>(Microsoft, "CDist", 1, MovementRunner.Attributes(("metric", "sqeuclidean")), a, b), 25, 0, 9, 0, 25, 16);
        Assert.Contains("cosine", Refusal(Microsoft, "CDist", 1, MovementRunner.Attributes(("metric", "cosine")), a, b));
        Assert.Contains("as many", Refusal(Microsoft, "CDist", 1, MovementRunner.Attributes(), a, Floats([1, 3], 0, 0, 0)));
    }

    [Fact]
    public void GatherBlockQuantizedDequantisesTheRowsItTakes()
    {
        Tensor pairs = Bytes([2, 8], 0x98, 0x10, 0x88, 0x88, 0x88, 0x88, 0x88, 0xF8, 0x77, 0x77, 0x77, 0x77, 0x77, 0x77, 0x77, 0x77);
        Tensor last = Tensor.Copy<long>([-1, 0], [2]), scales = Floats([2, 1], 2, 0.5f);
        Attributes four = MovementRunner.Attributes(("block_size", 16));
        float[] half = [.. Enumerable.Repeat(-0.5f, 16)];
        Gives(Run<float>(Microsoft, "GatherBlockQuantized", 1, four, pairs, last, scales), [.. half, 0, 2, -16, -14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 14]);
        // The zero points 7 and 0 share no byte: each row starts its own.
        float[] none = [.. Enumerable.Repeat(0f, 16)];
        Gives(Run<float>(Microsoft, "GatherBlockQuantized", 1, four, pairs, Tensor.Scalar(1), scales, Bytes([2, 1], 0, 7)), none);
        Tensor signed = Tensor.Allocate(DType.Int4, [1, 16], clear: true);
        signed.AsBytes()[0] = 0xF1;
        Gives(Run<float>(Microsoft, "GatherBlockQuantized", 1, four, signed, Tensor.Copy<long>([0], [1]), Floats([1, 1], 3))[..3], 3, -3, 0);
        Tensor bytes = Bytes([1, 2], 130, 127);
        Gives(Run<float>(Microsoft, "GatherBlockQuantized", 1, MovementRunner.Attributes(("block_size", 16), ("bits", 8)), bytes, Tensor.Scalar(0L), Floats([1, 1], 2)), 4, -2);
        Assert.Contains("power of 2", Refusal(Microsoft, "GatherBlockQuantized", 1, MovementRunner.Attributes(("block_size", 24)), pairs, last, scales));
        Assert.Contains("must be [2,1]", Refusal(Microsoft, "GatherBlockQuantized", 1, four, pairs, last, Floats([2, 2], 1, 1, 1, 1)));
        Assert.Contains("share bytes", Refusal(Microsoft, "GatherBlockQuantized", 1, MovementRunner.Attributes(("block_size", 16), ("quantize_axis", 0)), pairs, last, scales));
        Assert.Throws<OpException>(() => Run<float>(Microsoft, "GatherBlockQuantized", 1, four, pairs, Tensor.Scalar(2L), scales));
    }

    [Fact]
    public void NGramRepeatBlockHidesWhatWouldRepeat()
    {
        Tensor ids = Tensor.Copy<long>([1, 2, 3, 1, 2], [1, 5]), scores = Floats([1, 5], 9, 8, 7, 6, 5);
        const float None = float.NegativeInfinity;
        Gives(Run<float>(Microsoft, "NGramRepeatBlock", 1, MovementRunner.Attributes(("ngram_size", 3)), ids, scores), 9, 8, 7, None, 5);
        Gives(Run<float>(Microsoft, "NGramRepeatBlock", 1, MovementRunner.Attributes(("ngram_size", 1)), ids, scores), 9, None, None, None, 5);
        Gives(Run<float>(Microsoft, "NGramRepeatBlock", 1, MovementRunner.Attributes(("ngram_size", 6)), ids, scores), 9, 8, 7, 6, 5);
        Assert.Contains("ngram_size", Refusal(Microsoft, "NGramRepeatBlock", 1, MovementRunner.Attributes(("ngram_size", 0)), ids, scores));
        Assert.Throws<OpException>(() => Run<float>(Microsoft, "NGramRepeatBlock", 1, MovementRunner.Attributes(("ngram_size", 1)), ids, Floats([1, 3], 0, 0, 0)));
    }

    [Fact]
    public void NhwcMaxPoolKeepsChannelsApart()
    {
        Tensor x = Bytes([1, 2, 2, 2], 1, 10, 2, 9, 3, 8, 4, 7);
        Gives(Run<byte>(Microsoft, "NhwcMaxPool", 1, MovementRunner.Attributes(("kernel_shape", new long[] { 2, 2 })), x), 4, 10);
        Gives(Run<byte>(Microsoft, "NhwcMaxPool", 1, MovementRunner.Attributes(("kernel_shape", new long[] { 1, 2 }), ("pads", new long[] { 0, 1, 0, 0 })), x), 1, 10, 2, 10, 3, 8, 4, 8);
        Gives(Run<sbyte>(Microsoft, "NhwcMaxPool", 1, MovementRunner.Attributes(("kernel_shape", new long[] { 2 }), ("strides", new long[] { 2 })), SBytes([1, 4, 1], -5, -3, -128, -128)), -3, -128);
        Assert.Contains("u8 or i8", Refusal(Microsoft, "NhwcMaxPool", 1, MovementRunner.Attributes(("kernel_shape", new long[] { 1 })), Floats([1, 1, 1], 0)));
        Assert.Contains("does not fit", Refusal(Microsoft, "NhwcMaxPool", 1, MovementRunner.Attributes(("kernel_shape", new long[] { 3, 3 })), x));
    }

    [Fact]
    public void BiasSplitGeluGatesOneHalfByTheOther()
    {
        Gives(Run<float>(Microsoft, "BiasSplitGelu", 1, MovementRunner.Attributes(), Floats([1, 4], 1, 2, 0, 100), Floats([4], 1, 0, 0, 0)), 0, 200);
        Assert.Contains("even", Refusal(Microsoft, "BiasSplitGelu", 1, MovementRunner.Attributes(), Floats([1, 3], 0, 0, 0), Floats([3], 0, 0, 0)));
    }

    [Fact]
    public void BiasAddAddsThree()
    {
        OpDefinition op = OpCatalog.Default.Find(Microsoft, "BiasAdd", 1)!;
        foreach ((string _, Tensor[] outputs) in RowRunner.Run(op, 1, MovementRunner.Attributes(), 1, Floats([1, 2, 2], 1, 2, 3, 4), Floats([2], 10, 20), Floats([1, 2, 2], 100, 200, 300, 400)))
            Gives(outputs[0].AsSpan<float>().ToArray(), 111, 222, 313, 424);
    }

    [Fact]
    public void RelativePositionBiasTakesTheBucketOfTheDistance()
    {
        Tensor four = Tensor.Scalar(5L), one = Tensor.Scalar(1L);
        float[] causal = Run<float>(Microsoft, "RelativePositionBias", 1, MovementRunner.Attributes(("max_distance", 8)), Floats([4, 1], 0, 10, 20, 30), four, four);
        Gives(causal[..5], 0, 0, 0, 0, 0);
        Gives(causal[20..], 30, 20, 20, 10, 0);
        float[] both = Run<float>(Microsoft, "RelativePositionBias", 1, MovementRunner.Attributes(("max_distance", 8), ("is_bidirectional", 1)), Floats([8, 1], 0, 1, 2, 3, 4, 5, 6, 7), one, four);
        Gives(both, 0, 5, 6, 6, 7);
        Assert.Contains("max_distance", Refusal(Microsoft, "RelativePositionBias", 1, MovementRunner.Attributes(("max_distance", 2)), Floats([4, 1], 0, 0, 0, 0), one, four));
        Assert.Contains("buckets", Refusal(Microsoft, "RelativePositionBias", 1, MovementRunner.Attributes(("max_distance", 8)), Floats([1, 1], 0), one, four));
    }

    [Fact]
    public void ExpandDimsAndUnfoldTensorAreCopies()
    {
        Tensor expanded = QuantizationRunner.Run(Microsoft, "ExpandDims", 1, MovementRunner.Attributes(), 1, Floats([2], 3, 4), Tensor.Scalar(-1))[0];
        Assert.Equal([2, 1], expanded.Shape.ToArray());
        Gives(expanded.AsSpan<float>().ToArray(), 3, 4);
        Assert.NotEmpty(Refusal(Microsoft, "ExpandDims", 1, MovementRunner.Attributes(), Floats([2], 3, 4), Tensor.Scalar(2)));
        Tensor windows = QuantizationRunner.Run(Microsoft, "UnfoldTensor", 1, MovementRunner.Attributes(("size", 3), ("step", 2)), 1, Floats([6], 0, 1, 2, 3, 4, 5))[0];
        Assert.Equal([2, 3], windows.Shape.ToArray());
        Gives(windows.AsSpan<float>().ToArray(), 0, 1, 2, 2, 3, 4);
        Gives(Run<float>(Microsoft, "UnfoldTensor", 1, MovementRunner.Attributes(("dim", 0), ("size", 2)), Floats([2, 2], 1, 2, 3, 4)), 1, 3, 2, 4);
        Assert.Contains("at most", Refusal(Microsoft, "UnfoldTensor", 1, MovementRunner.Attributes(("size", 7)), Floats([6], 0, 1, 2, 3, 4, 5)));
    }

    [Fact]
    public void TransposeMatMulTurnsAndScales() =>
        Gives(Run<float>(Microsoft, "TransposeMatMul", 1, MovementRunner.Attributes(("transA", 1), ("alpha", 2f)), Floats([2, 2], 1, 2, 3, 4), Floats([2, 1], 1, 10)), 62, 84);
}
