using Ai3.Tensors;
using static Ai3.Ops.Tests.MovementRunner;
using static Ai3.Ops.Tests.TextHostRunner;

namespace Ai3.Ops.Tests;

/// <summary>Operators on sequences and optionals.</summary>
public sealed class SequenceTests
{
    private static readonly Attributes s_none = Attributes();

    [Fact]
    public void ConstructAtLengthAndNegativePositions()
    {
        SequenceValue s = Construct(Longs(1, 2), Longs(3));
        Assert.Equal("seq(i64[?])", s.Fact.ToString());
        Assert.Equal([3L], At(s, 1));
        Assert.Equal([1L, 2L], At(s, -2));
        Assert.Equal(2, ((Tensor)Host("SequenceLength", 11, s_none, s)[0]).AsSpan<long>()[0]);
        Assert.Contains("position 2 is outside [-2, 1]", Refused("SequenceAt", 11, s_none, s, Tensor.Scalar(2L)));
        Assert.Contains("position -3", Refused("SequenceAt", 11, s_none, s, Tensor.Scalar(-3)));
    }

    [Fact]
    public void ElementsAreCopiesOfTensorsFromOutside()
    {
        Tensor x = Longs(1);
        SequenceValue s = Construct(x);
        x.AsSpan<long>()[0] = 7;
        Assert.Equal([1L], At(s, 0));
        var at = (Tensor)Host("SequenceAt", 11, s_none, s, Tensor.Scalar(0L))[0];
        at.AsSpan<long>()[0] = 9;
        Assert.Equal([1L], At(s, 0));
    }

    [Fact]
    public void InsertAndErase()
    {
        SequenceValue s = Construct(Longs(1), Longs(2));
        Assert.Equal([1L, 2L, 5L], All(Host("SequenceInsert", 11, s_none, s, Longs(5))));
        Assert.Equal([5L, 1L, 2L], All(Host("SequenceInsert", 11, s_none, s, Longs(5), Tensor.Scalar(-2L))));
        Assert.Equal([1L, 2L, 5L], All(Host("SequenceInsert", 11, s_none, s, Longs(5), Tensor.Scalar(2L))));
        Assert.Equal([1L], All(Host("SequenceErase", 11, s_none, s)));
        Assert.Equal([2L], All(Host("SequenceErase", 11, s_none, s, Tensor.Scalar(0))));
        Assert.Contains("outside", Refused("SequenceInsert", 11, s_none, s, Longs(5), Tensor.Scalar(3L)));
        Assert.Contains("cannot hold", Refused("SequenceInsert", 11, s_none, s, Floats([1], 1)));
        Value empty = Host("SequenceEmpty", 11, Attributes(("dtype", 7)))[0];
        Assert.Equal("seq(i64[?])", empty.Fact.ToString());
        Assert.Contains("no element", Refused("SequenceErase", 11, s_none, empty));
        Assert.Contains("dtype", Refused("SequenceEmpty", 11, Attributes(("dtype", 99))));
    }

    [Fact]
    public void SplitByOneExtentByListAndWithoutTheAxis()
    {
        Tensor x = Tensor.Copy<float>(Count(10), [2, 5]);
        string Split(Attributes attributes, Tensor? split = null) =>
            string.Join(" ", ((SequenceValue)Host("SplitToSequence", 24, attributes, x, split)[0]).Items.Select(v => $"{((Tensor)v).Shape}{((Tensor)v).AsSpan<float>()[^1]}"));
        Assert.Equal("[2,2]6 [2,2]8 [2,1]9", Split(Attributes(("axis", 1)), Tensor.Scalar(2L)));
        Assert.Equal("[2,1]5 [2,4]9", Split(Attributes(("axis", -1)), Longs(1, 4)));
        Assert.Equal("[5]4 [5]9", Split(Attributes(("keepdims", 0))));
        Assert.Equal("[1,5]4 [1,5]9", Split(s_none));
        Assert.Contains("adds up to 4", Refused("SplitToSequence", 11, Attributes(("axis", 1)), x, Longs(2, 2)));
        Assert.Contains("must be 1 or more", Refused("SplitToSequence", 11, s_none, x, Tensor.Scalar(0L)));
        Assert.Contains("must be 0 or more", Refused("SplitToSequence", 11, s_none, x, Longs(-1, 3)));
        Assert.Equal(["c"], Texts(((SequenceValue)Host("SplitToSequence", 11, s_none, Strings("a", "b", "c"), Tensor.Scalar(2L))[0]).Items[1]));
    }

    [Fact]
    public void ConcatJoinsOrStacks()
    {
        SequenceValue s = Construct(Tensor.Copy<long>([1, 2], [1, 2]), Tensor.Copy<long>([3, 4, 5, 6], [2, 2]));
        var joined = (Tensor)Host("ConcatFromSequence", 11, Attributes(("axis", 0)), s)[0];
        Assert.Equal(Shape.Create(3, 2), joined.Shape);
        Assert.Equal([1L, 2, 3, 4, 5, 6], joined.AsSpan<long>().ToArray());
        var stacked = (Tensor)Host("ConcatFromSequence", 11, Attributes(("axis", -1), ("new_axis", 1)), Construct(Longs(1, 2), Longs(3, 4)))[0];
        Assert.Equal([1L, 3, 2, 4], stacked.AsSpan<long>().ToArray());
        Assert.Contains("must be as i64[1,2] except for axis 1", Refused("ConcatFromSequence", 11, Attributes(("axis", 1)), s));
        Assert.Contains("nothing to join", Refused("ConcatFromSequence", 11, Attributes(("axis", 0)), Host("SequenceEmpty", 11, s_none)[0]));
        Assert.Equal(["a", "b"], Texts(Host("ConcatFromSequence", 11, Attributes(("axis", 0)), Construct(Strings("a"), Strings("b")))[0]));
    }

    [Fact]
    public void Optionals()
    {
        Value full = Host("Optional", 15, s_none, Longs(4))[0];
        Value empty = Host("Optional", 15, new Attributes(s_none.Values.Add("type", new TensorFact(DType.Int64, null))))[0];
        Assert.Equal("optional(i64[?])", empty.Fact.ToString());
        Assert.Equal([4L], ((Tensor)Host("OptionalGetElement", 15, s_none, full)[0]).AsSpan<long>().ToArray());
        Assert.Contains("empty", Refused("OptionalGetElement", 15, s_none, empty));
        bool Has(params Value?[] inputs) => ((Tensor)Host("OptionalHasElement", 18, s_none, inputs)[0]).AsSpan<bool>()[0];
        Assert.Equal([true, false, true, false], new[] { Has(full), Has(empty), Has(Longs(1)), Has() });
        Assert.Contains("type", Refused("Optional", 15, s_none));
    }

    [Fact]
    public void WhatIsNoSequenceIsRefused()
    {
        foreach (string op in new[] { "SequenceLength", "SequenceErase", "ConcatFromSequence" })
            Assert.Contains("must be a sequence", Refused(op, 11, Attributes(("axis", 0)), Longs(1)));
    }

    private static SequenceValue Construct(params Tensor[] items) => (SequenceValue)Host("SequenceConstruct", 11, s_none, items)[0];

    private static long[] At(SequenceValue sequence, long position) =>
        ((Tensor)Host("SequenceAt", 11, s_none, sequence, Tensor.Scalar(position))[0]).AsSpan<long>().ToArray();

    private static long[] All(Value[] outputs) => [.. ((SequenceValue)outputs[0]).Items.SelectMany(v => ((Tensor)v).AsSpan<long>().ToArray())];
}
