using Ai3.Tensors;
using static Ai3.Ops.Tests.MovementRunner;

namespace Ai3.Ops.Tests;

public class MovementViewTests
{
    [Theory]
    [InlineData(new long[] { 2, 3, 4 }, new long[] { 4, 6 }, new long[] { 4, 6 })]
    [InlineData(new long[] { 2, 3, 4 }, new long[] { 0, -1 }, new long[] { 2, 12 })]
    [InlineData(new long[] { 2, 3, 4 }, new long[] { -1, 0, 2 }, new long[] { 4, 3, 2 })]
    [InlineData(new long[] { 2, 3, 4 }, new long[] { -1 }, new long[] { 24 })]
    [InlineData(new long[] { 1 }, new long[] { }, new long[] { })]
    [InlineData(new long[] { }, new long[] { 1, 1 }, new long[] { 1, 1 })]
    [InlineData(new long[] { 0, 3, 4 }, new long[] { 0, -1 }, new long[] { 0, 12 })]
    [InlineData(new long[] { 0, 3, 4 }, new long[] { -1, 12 }, new long[] { 0, 12 })]
    public void ReshapeResolvesZeroAndMinusOne(long[] from, long[] shape, long[] to)
    {
        Tensor data = Iota(DType.Float32, from);
        Tensor result = Run("Reshape", 13, Attributes(), [data, Longs(shape)])[0];
        Assert.Equal(Shape.Create(to), result.Shape);
        Assert.True(data.AsBytes().SequenceEqual(result.AsBytes()));
        Assert.Equal(result.Shape, Run("Reshape", 4, Attributes(("shape", shape)), [data])[0].Shape);
    }

    [Fact]
    public void ReshapeWithAllowZeroKeepsZeros() => Assert.Equal(Shape.Create(3, 0, 2),
        Run("Reshape", 14, Attributes(("allowzero", 1)), [Iota(DType.Float32, 0, 5), Longs(3, 0, 2)])[0].Shape);

    [Theory]
    [InlineData(new long[] { 5, -1 })]
    [InlineData(new long[] { -1, -1 })]
    [InlineData(new long[] { -2, 12 })]
    [InlineData(new long[] { 24, 1, 1, 0 })]
    [InlineData(new long[] { 25 })]
    [InlineData(new long[] { 1L << 62, 1L << 62 })]
    [InlineData(new long[] { 1L << 62, -1 })]
    public void ReshapeRefusesWhatCannotBe(long[] shape) => Refusal("Reshape", 13, Attributes(), Iota(DType.Float32, 2, 3, 4), Longs(shape));

    [Fact]
    public void ReshapeWorksOnSymbols()
    {
        TensorFact data = Symbolic(DType.Float32, "batch", "seq", 768);
        Assert.Equal("f32[batch,seq,12,64]", Infer("Reshape", 13, Attributes(), data, Elements(0, 0, 12, 64)).ToString());
        Assert.Equal("f32[batch,seq,12,64]", Infer("Reshape", 13, Attributes(), data, Elements("batch", -1, 12, 64)).ToString());
        Assert.Equal("f32[768*batch*seq]", Infer("Reshape", 13, Attributes(), data, Elements(-1)).ToString());
        Assert.Equal(3, Infer("Reshape", 13, Attributes(), data, Symbolic(DType.Int64, 3)).Shape!.Rank);
        Assert.Null(Infer("Reshape", 13, Attributes(), data, Symbolic(DType.Int64, "k")).Shape);
    }

    [Theory]
    [InlineData(0, 1, 24)]
    [InlineData(1, 2, 12)]
    [InlineData(3, 24, 1)]
    [InlineData(-1, 6, 4)]
    [InlineData(-3, 1, 24)]
    public void FlattenSplitsAtAxis(int axis, long rows, long columns) =>
        Assert.Equal(Shape.Create(rows, columns), Run("Flatten", 13, Attributes(("axis", axis)), [Iota(DType.Int8, 2, 3, 4)])[0].Shape);

    [Fact]
    public void FlattenRefusesAxisOutside() => Refusal("Flatten", 13, Attributes(("axis", 4)), Iota(DType.Int8, 2, 3, 4));

    [Fact]
    public void SqueezeDropsAxes()
    {
        Tensor data = Iota(DType.Float16, 1, 3, 1, 2);
        Assert.Equal(Shape.Create(3, 2), Run("Squeeze", 13, Attributes(), [data])[0].Shape);
        Assert.Equal(Shape.Create(3, 1, 2), Run("Squeeze", 13, Attributes(), [data, Longs(0)])[0].Shape);
        Assert.Equal(Shape.Create(1, 3, 2), Run("Squeeze", 11, Attributes(("axes", new[] { -2 })), [data])[0].Shape);
        Refusal("Squeeze", 13, Attributes(), data, Longs(1));
        Refusal("Squeeze", 13, Attributes(), data, Longs(0, -4));
        Refusal("Squeeze", 13, Attributes(), data, Longs(4));
        Assert.Equal("f32[a,b]", Infer("Squeeze", 13, Attributes(), Symbolic(DType.Float32, "a", 1, "b"), Elements(1)).ToString());
        Assert.Null(Infer("Squeeze", 13, Attributes(), Symbolic(DType.Float32, "a", 1)).Shape);
    }

    [Fact]
    public void UnsqueezeAddsAxes()
    {
        Tensor data = Iota(DType.Float32, 3, 2);
        Assert.Equal(Shape.Create(1, 3, 2, 1), Run("Unsqueeze", 13, Attributes(), [data, Longs(0, -1)])[0].Shape);
        Assert.Equal(Shape.Create(3, 1, 2), Run("Unsqueeze", 11, Attributes(("axes", new[] { 1 })), [data])[0].Shape);
        Refusal("Unsqueeze", 13, Attributes(), data, Longs(0, 0));
        Refusal("Unsqueeze", 13, Attributes(), data, Longs(3));
        TensorFact scalar = Elements("seq") with { Shape = SymbolicShape.Create() };
        AssertElements(Infer("Unsqueeze", 13, Attributes(), scalar, Elements(0)), "seq");
    }

    [Fact]
    public void ViewsTakePackedTypesAndStrings()
    {
        Tensor packed = Iota(DType.Int4, 3, 3);
        Tensor result = Run("Reshape", 21, Attributes(), [packed, Longs(9)])[0];
        Assert.True(packed.AsBytes()[..4].SequenceEqual(result.AsBytes()[..4]));
        OpDefinition reshape = Find("Reshape", 21);
        NodeFacts node = Node(21, Attributes(), 1, TensorFact.Of(Tensor.From(["a", "b"], [2])), TensorFact.OfConstant(Longs(1, 2)));
        CandidateSet set = reshape.Candidates(reshape.CreateProblem(node), new Target(IsaLevel.Scalar, 1, CacheSizes.Typical));
        Assert.Equal("view", Assert.Single(set.Accepted).Algorithm.Name);
    }
}
