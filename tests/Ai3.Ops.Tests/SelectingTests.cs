using Ai3.Tensors;
using static Ai3.Ops.Tests.ElementwiseRunner;

namespace Ai3.Ops.Tests;

/// <summary>Operators that choose elements by their values, on values written out.</summary>
public class SelectingTests
{
    private const float NaN = float.NaN;
    private const float Inf = float.PositiveInfinity;

    [Fact]
    public void TopKPutsTheLowerIndexFirstAmongEquals()
    {
        TopK(F32([2, 5], 3, 1, 3, 2, 3, 0, -0f, 0, -1, 5), axis: 1, k: 3, largest: true, [3, 3, 3, 5, 0, -0f], [0, 2, 4, 4, 0, 1]);
        TopK(F32([2, 5], 3, 1, 3, 2, 3, 0, -0f, 0, -1, 5), axis: -1, k: 2, largest: false, [1, 2, -1, 0], [1, 3, 3, 0]);
        TopK(F32([2, 3], 1, 2, 3, 4, 0, 3), axis: 0, k: 1, largest: true, [4, 2, 3], [1, 0, 0]);
    }

    [Fact]
    public void TopKPutsNaNAboveEveryNumber()
    {
        TopK(F32([4], 1, NaN, Inf, -Inf), axis: 0, k: 2, largest: true, [NaN, Inf], [1, 2]);
        TopK(F32([4], 1, NaN, Inf, -Inf), axis: 0, k: 4, largest: false, [-Inf, 1, Inf, NaN], [3, 0, 2, 1]);
    }

    [Fact]
    public void TopKKeepsAllBitsOfWideIntegers()
    {
        Tensor x = Tensor.From<ulong>([ulong.MaxValue - 1, ulong.MaxValue, 0, ulong.MaxValue - 2], [4]);
        foreach ((string row, Tensor[] outputs) in RunTopK(x, 0, 2, largest: true))
        {
            Assert.True(outputs[0].AsSpan<ulong>().SequenceEqual([ulong.MaxValue, ulong.MaxValue - 1]), row);
            Assert.True(outputs[1].AsSpan<long>().SequenceEqual([1, 0]), row);
        }
    }

    [Fact]
    public void TopKRefusesMoreThanThereAre()
    {
        OpDefinition op = Find("TopK", 11);
        Assert.Throws<OpException>(() => op.Infer(Node(F32([2, 3], 1, 2, 3, 4, 5, 6), 4)));
        Assert.Throws<OpException>(() => op.Infer(Node(F32([2, 3], 1, 2, 3, 4, 5, 6), -1)));
        Assert.Equal("f32[2,0]", op.Infer(Node(F32([2, 3], 1, 2, 3, 4, 5, 6), 0))[0].ToString());

        static NodeFacts Node(Tensor x, long k) => new(Ai3.Ops.Attributes.Empty, 11, [TensorFact.Of(x), TensorFact.OfConstant(Tensor.Copy<long>([k], [1]))], 2, () => Dim.Symbol("n"));
    }

    [Fact]
    public void NonZeroGivesCoordinatesInColumns()
    {
        Assert.Equal([0, 1, 1, 0, 0, 2], Longs(Host("NonZero", Attributes(), F32([2, 3], 1, 0, -0f, NaN, 0, 2))[0]));
        Tensor none = (Tensor)Host("NonZero", Attributes(), F32([2, 2], 0, 0, 0, 0))[0];
        Assert.Equal([2, 0], none.Shape.ToArray());
        Assert.Equal([1, 1], ((Tensor)Host("NonZero", Attributes(), Tensor.Scalar(true))[0]).Shape.ToArray());
    }

    [Fact]
    public void CompressTakesSlicesOrElements()
    {
        Tensor x = F32([3, 2], 1, 2, 3, 4, 5, 6);
        Assert.Equal([3, 4, 5, 6], Floats(Host("Compress", Attributes(("axis", 0L)), x, Bools(false, true, true))[0]));
        Assert.Equal([2, 4, 6], Floats(Host("Compress", Attributes(("axis", -1L)), x, Bools(false, true))[0]));
        Assert.Equal([2, 5], Floats(Host("Compress", Attributes(), x, Bools(false, true, false, false, true))[0]));
        Assert.Equal(["b"], ((Tensor)Host("Compress", Attributes(), Tensor.From(["a", "b"], [2]), Bools(false, true))[0]).AsStrings().ToArray());
        Assert.Throws<OpException>(() => Host("Compress", Attributes(("axis", 0L)), x, Bools(false, true, true, true)));
    }

    [Fact]
    public void UniqueSortsOrKeepsTheOrder()
    {
        Tensor x = F32(2, 1, 1, 3, 4, 3);
        Value[] sorted = Host("Unique", Attributes(), 4, x);
        Assert.Equal([1, 2, 3, 4], Floats(sorted[0]));
        Assert.Equal([1, 0, 3, 4], Longs(sorted[1]));
        Assert.Equal([1, 0, 0, 2, 3, 2], Longs(sorted[2]));
        Assert.Equal([2, 1, 2, 1], Longs(sorted[3]));
        Value[] kept = Host("Unique", Attributes(("sorted", 0L)), 4, x);
        Assert.Equal([2, 1, 3, 4], Floats(kept[0]));
        Assert.Equal([0, 1, 3, 4], Longs(kept[1]));
        Assert.Equal([0, 1, 1, 2, 3, 2], Longs(kept[2]));
        Assert.Equal([1, 2, 2, 1], Longs(kept[3]));
    }

    [Fact]
    public void UniqueComparesSlices()
    {
        Tensor x = F32([2, 4, 2], 1, 1, 0, 1, 2, 1, 0, 1, 1, 1, 0, 1, 2, 1, 0, 1);
        Value[] y = Host("Unique", Attributes(("axis", 1L)), 4, x);
        Assert.Equal([0, 1, 1, 1, 2, 1, 0, 1, 1, 1, 2, 1], Floats(y[0]));
        Assert.Equal([1, 0, 2], Longs(y[1]));
        Assert.Equal([1, 0, 2, 0], Longs(y[2]));
        Assert.Equal([2, 1, 1], Longs(y[3]));
        // Unsorted along an inner axis.
        Value[] kept = Host("Unique", Attributes(("axis", 1L), ("sorted", 0L)), 2, x);
        Assert.Equal([1, 1, 0, 1, 2, 1, 1, 1, 0, 1, 2, 1], Floats(kept[0]));
        Assert.Equal([0, 1, 2], Longs(kept[1]));
    }

    [Fact]
    public void UniqueTakesNaNAndStrings()
    {
        Value[] y = Host("Unique", Attributes(), 4, F32(NaN, 0, -0f, NaN, -Inf));
        Assert.Equal([-Inf, 0, NaN], Floats(y[0]));
        Assert.Equal([1, 2, 2], Longs(y[3]));
        Value[] s = Host("Unique", Attributes(), 2, Tensor.From(["b", "\uFFFD", "\U0001F600", "a", "b"], [5]));
        Assert.Equal(["a", "b", "\uFFFD", "\U0001F600"], ((Tensor)s[0]).AsStrings().ToArray());
        Assert.Equal([3, 0, 1, 2], Longs(s[1]));
    }

    [Fact]
    public void NonMaxSuppressionKeepsTheBestOfOverlappingBoxes()
    {
        Tensor boxes = F32([1, 6, 4], 0, 0, 1, 1, 0, 0.1f, 1, 1.1f, 0, -0.1f, 1, 0.9f, 0, 10, 1, 11, 0, 10.1f, 1, 11.1f, 0, 100, 1, 101);
        Tensor scores = F32([1, 1, 6], 0.9f, 0.75f, 0.6f, 0.95f, 0.5f, 0.3f);
        Assert.Equal([0, 0, 3, 0, 0, 0, 0, 0, 5], Longs(Nms(boxes, scores, 3, 0.5f, null)));
        Assert.Equal([0, 0, 3, 0, 0, 0], Longs(Nms(boxes, scores, 3, 0.5f, 0.4f)));
        Assert.Equal([0, 0, 3], Longs(Nms(boxes, scores, 1, 0.5f, null)));
        Assert.Empty(Longs(Nms(boxes, scores, 0, 0.5f, null)));
        // A threshold that is met exactly keeps the box: two of three thirds overlap, one half of the union.
        Tensor two = F32([1, 2, 4], 0, 0, 1, 3, 0, 1, 1, 4);
        Assert.Equal([0, 0, 0, 0, 0, 1], Longs(Nms(two, F32([1, 1, 2], 2, 1), 5, 0.5f, null)));
        Assert.Equal([0, 0, 1, 0, 0, 0], Longs(Nms(two, F32([1, 1, 2], NaN, 1), 5, 0.5f, null)));
        Assert.Throws<OpException>(() => Nms(boxes, scores, 3, 1.5f, null));
        Assert.Throws<OpException>(() => Nms(boxes, F32([1, 1, 5], 1, 2, 3, 4, 5), 3, 0.5f, null));
    }

    private static Value Nms(Tensor boxes, Tensor scores, long most, float overlap, float? score) =>
        Host("NonMaxSuppression", Attributes(), 1, boxes, scores, Tensor.Scalar(most), Tensor.Scalar(overlap), score is { } s ? Tensor.Scalar(s) : null)[0];

    private static void TopK(Tensor x, long axis, long k, bool largest, float[] values, long[] indices)
    {
        foreach ((string row, Tensor[] outputs) in RunTopK(x, axis, k, largest))
        {
            Assert.True(outputs[0].AsSpan<float>().SequenceEqual(values), $"{row}: {string.Join(",", outputs[0].AsSpan<float>().ToArray())}");
            Assert.True(outputs[1].AsSpan<long>().SequenceEqual(indices), $"{row}: {string.Join(",", outputs[1].AsSpan<long>().ToArray())}");
        }
    }

    private static IEnumerable<(string Row, Tensor[] Outputs)> RunTopK(Tensor x, long axis, long k, bool largest)
    {
        Tensor constant = Tensor.Copy<long>([k], [1]);
        return RowRunner.Run(Find("TopK", 24), 24, Attributes(("axis", axis), ("largest", largest ? 1L : 0L)), 2, x, constant);
    }

    private static Value[] Host(string name, Attributes attributes, params Tensor?[] inputs) => Host(name, attributes, 1, inputs);

    private static Value[] Host(string name, Attributes attributes, int outputs, params Tensor?[] inputs)
    {
        var node = new NodeFacts(attributes, 13, [.. inputs.Select(t => t is null ? null : (ValueFact)TensorFact.OfConstant(t))], outputs, () => Dim.Symbol("?"));
        OpDefinition op = Find(name, 13);
        Assert.True(op.RunsOnHost(node));
        return op.RunOnHost(node, inputs, 1 << 20);
    }

    private static Tensor Bools(params bool[] values) => Tensor.From(values, [values.Length]);

    private static float[] Floats(Value value) => ((Tensor)value).AsSpan<float>().ToArray();

    private static long[] Longs(Value value) => ((Tensor)value).AsSpan<long>().ToArray();
}
