using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops.Tests;

/// <summary>Conv's attributes and shapes: what is inferred and what is refused.</summary>
public class ConvInferTests
{
    private static readonly ImmutableArray<long> s_two = [2, 2];

    private static NodeFacts Node(Dim[]? x, Dim[]? w, params (string, object)[] attributes)
    {
        int fresh = 0;
        Attributes all = attributes.Aggregate(Attributes.Empty, (a, p) => a.With(p.Item1, p.Item2));
        return new NodeFacts(all, 22, [Fact(x), Fact(w)], 1, () => Dim.Symbol($"u{fresh++}"));
    }

    private static TensorFact Fact(Dim[]? dims) => new(DType.Float32, dims is null ? null : SymbolicShape.Create(dims));

    private static string Infer(NodeFacts node) => ((TensorFact)ConvOp.Definition.Infer(node)[0]).ToString();

    [Theory]
    [InlineData("NOTSET", "f32[1,8,3,3]")]
    [InlineData("VALID", "f32[1,8,3,3]")]
    [InlineData("SAME_UPPER", "f32[1,8,4,4]")]
    [InlineData("SAME_LOWER", "f32[1,8,4,4]")]
    public void AutoPadDecidesTheSize(string autoPad, string expected) =>
        Assert.Equal(expected, Infer(Node([1, 4, 7, 8], [8, 4, 2, 3], ("strides", s_two), ("auto_pad", autoPad))));

    [Fact]
    public void SameUpperPadsMoreAtTheEnd()
    {
        var upper = (ConvProblem)ConvOp.Definition.CreateProblem(Node([1, 1, 5, 5], [1, 1, 2, 4], ("auto_pad", "SAME_UPPER")));
        Assert.Equal((0, 1, 1, 2), (upper.H.PadBegin, upper.H.PadEnd, upper.W.PadBegin, upper.W.PadEnd));
        var lower = (ConvProblem)ConvOp.Definition.CreateProblem(Node([1, 1, 5, 5], [1, 1, 2, 4], ("auto_pad", "SAME_LOWER")));
        Assert.Equal((1, 0, 2, 1), (lower.H.PadBegin, lower.H.PadEnd, lower.W.PadBegin, lower.W.PadEnd));
    }

    [Fact]
    public void SymbolsStaySymbols()
    {
        Assert.Equal("f32[batch,8,h,w]", Infer(Node([Dim.Symbol("batch"), 4, Dim.Symbol("h"), Dim.Symbol("w")], [8, 4, 3, 3], ("pads", (ImmutableArray<long>)[1, 1, 1, 1]))));
        Assert.Equal(DimText(Dim.CeilDiv(Dim.Symbol("h"), 2)), Infer(Node([1, 4, Dim.Symbol("h")], [8, 4, 3], ("auto_pad", "SAME_UPPER"), ("strides", (ImmutableArray<long>)[2]))));

        static string DimText(Dim d) => $"f32[1,8,{d}]";
    }

    [Fact]
    public void RankComesFromTheWeightsIfNeedBe()
    {
        var y = (TensorFact)ConvOp.Definition.Infer(Node(null, [8, 4, 3, 3]))[0];
        Assert.Equal(4, y.Shape!.Rank);
        Assert.True(y.Shape[1].Is(8));
        Assert.Null(((TensorFact)ConvOp.Definition.Infer(Node(null, null))[0]).Shape);
    }

    public static TheoryData<string, string, string, string> Faults => new()
    {
        { "1,4,5,5", "8,4,3,3", "group=0", "group is 0, must be 1 or more" },
        { "1,4,5,5", "8,4,3,3", "group=3", "group 3 does not divide the 4 input channels" },
        { "1,4,5,5", "9,2,3,3", "group=2", "group 2 does not divide the 9 output channels" },
        { "1,4,5,5", "8,3,3,3", "", "W has 3 input channels, must be 4/1 = 4" },
        { "1,4,5,5", "8,4,3", "", "W has 3 axes, must have 4 like the input" },
        { "1,4", "8,4", "", "input has 2 axes, must have batch, channels and at least one spatial axis" },
        { "1,0,5,5", "8,0,3,3", "", "convolution of 0 into 8 channels, both must be 1 or more" },
        { "1,4,5,5", "8,4,6,3", "", "kernel covers 6 elements of spatial axis 0, but the padded input has 5" },
        { "1,4,5,5", "8,4,0,3", "", "kernel size of spatial axis 0 is 0, must be 1 or more" },
        { "1,4,5,5", "8,4,3,3", "strides=1", "strides has 1 numbers, must have 2" },
        { "1,4,5,5", "8,4,3,3", "strides=1,0", "strides[1] is 0, must be 1 or more" },
        { "1,4,5,5", "8,4,3,3", "dilations=1,-1", "dilations[1] is -1, must be 1 or more" },
        { "1,4,5,5", "8,4,3,3", "pads=1,1", "pads has 2 numbers, must have 4" },
        { "1,4,5,5", "8,4,3,3", "pads=1,0,1,-1", "pads of spatial axis 1 are 0 and -1, must be 0 or more" },
        { "1,4,5,5", "8,4,3,3", "kernel_shape=3,2", "kernel_shape[1] is 2, must be 3 like W's axis 3" },
        { "1,4,5,5", "8,4,3,3", "kernel_shape=3", "kernel_shape has 1 numbers, must have 2, one for each spatial axis" },
    };

    [Theory, MemberData(nameof(Faults))]
    public void Faulty(string x, string w, string attribute, string message)
    {
        string[] parts = attribute.Split('=');
        long[] values = parts.Length < 2 ? [] : [.. parts[1].Split(',').Select(long.Parse)];
        (string, object)[] attributes = parts.Length < 2 ? [] : [(parts[0], parts[0] == "group" ? values[0] : (object)values.ToImmutableArray())];
        NodeFacts node = Node(Dims(x), Dims(w), attributes);
        Assert.Equal(message, Assert.Throws<OpException>(() => ConvOp.Definition.Infer(node)).Message);
    }

    [Fact]
    public void HugeNumbersAreFaultsNotWraparounds()
    {
        NodeFacts pads = Node([1, 1, 5, 5], [1, 1, 3, 3], ("pads", (ImmutableArray<long>)[long.MaxValue, 0, long.MaxValue, 0]));
        Assert.Throws<ShapeException>(() => ConvOp.Definition.Infer(pads));
        NodeFacts dilated = Node([1, 1, 5, 5], [1, 1, 3, 3], ("dilations", (ImmutableArray<long>)[long.MaxValue, 1]));
        Assert.Throws<ShapeException>(() => ConvOp.Definition.Infer(dilated));
        NodeFacts large = Node([1, 1, 1L << 31, 1L << 31], [8, 1, 1, 1]);
        Assert.Throws<ShapeException>(() => ConvOp.Definition.CreateProblem(large));
        Assert.Throws<OpUnsupportedException>(() => ConvOp.Definition.Infer(Node([1, 1, 2, 2, 2, 2], [1, 1, 1, 1, 1, 1])));
    }

    private static Dim[] Dims(string text) => [.. text.Split(',').Select(d => (Dim)long.Parse(d))];
}
