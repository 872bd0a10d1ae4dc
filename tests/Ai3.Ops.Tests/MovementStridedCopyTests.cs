using Ai3.Tensors;
using static Ai3.Ops.Tests.MovementRunner;

namespace Ai3.Ops.Tests;

public class MovementStridedCopyTests
{
    [Fact]
    public void TransposeMatchesValuesWrittenOut()
    {
        Tensor data = Floats([2, 3], 1, 2, 3, 4, 5, 6);
        Assert.Equal([1f, 4, 2, 5, 3, 6], Run<float>("Transpose", 13, Attributes(), data));
        Assert.Equal([1f, 2, 3, 4, 5, 6], Run<float>("Transpose", 13, Attributes(("perm", new[] { 0, 1 })), data));
        Tensor cube = Floats([2, 2, 2], Count(8));
        Assert.Equal([0f, 4, 1, 5, 2, 6, 3, 7], Run<float>("Transpose", 1, Attributes(("perm", new[] { 1, 2, 0 })), cube));
        Assert.Equal([0f, 2, 1, 3, 4, 6, 5, 7], Run<float>("Transpose", 1, Attributes(("perm", new[] { 0, 2, 1 })), cube));
    }

    [Theory]
    [InlineData(DType.UInt8)]
    [InlineData(DType.Float16)]
    [InlineData(DType.Float32)]
    [InlineData(DType.Int64)]
    [InlineData(DType.Complex128)]
    [InlineData(DType.Int4)]
    [InlineData(DType.UInt2)]
    public void TransposeAgreesWithReferenceAtEdges(DType type)
    {
        foreach ((long m, long n) in new (long, long)[] { (1, 9), (3, 4), (4, 4), (7, 8), (8, 8), (9, 17), (16, 33), (31, 32), (33, 65), (64, 70) })
        {
            Run("Transpose", 13, Attributes(), [Iota(type, m, n)]);
            Run("Transpose", 13, Attributes(("perm", new[] { 0, 2, 1 })), [Iota(type, 3, m, n)]);
            Run("Transpose", 13, Attributes(("perm", new[] { 2, 0, 1 })), [Iota(type, m, 2, n)]);
            Run("Transpose", 13, Attributes(("perm", new[] { 0, 2, 1, 3 })), [Iota(type, 2, m, 3, n)]);
            Run("Transpose", 13, Attributes(("perm", new[] { 3, 1, 2, 0 })), [Iota(type, m, 3, 2, n)]);
        }
        Run("Transpose", 13, Attributes(), [Iota(type, 0, 5)]);
        Run("Transpose", 13, Attributes(), [Iota(type)]);
    }

    [Fact]
    public void TransposeSplitsOverThreads()
    {
        Run("Transpose", 13, Attributes(), [Iota(DType.Float32, 300, 500)]);
        Run("Transpose", 13, Attributes(("perm", new[] { 0, 2, 1, 3 })), [Iota(DType.Float32, 4, 50, 12, 64)]);
        Run("Expand", 13, Attributes(), [Iota(DType.Float32), Longs(300_000)]);
        Run("Expand", 13, Attributes(), [Iota(DType.Float32, 1, 70_000), Longs(3, 70_000)]);
    }

    [Fact]
    public void TransposeRefusesBadPermutations()
    {
        Refusal("Transpose", 13, Attributes(("perm", new[] { 0, 0 })), Iota(DType.Float32, 2, 3));
        Refusal("Transpose", 13, Attributes(("perm", new[] { 0 })), Iota(DType.Float32, 2, 3));
        Refusal("Transpose", 13, Attributes(("perm", new[] { 0, 2 })), Iota(DType.Float32, 2, 3));
    }

    [Fact]
    public void SliceMatchesValuesWrittenOut()
    {
        Tensor data = Floats([2, 4], 1, 2, 3, 4, 5, 6, 7, 8);
        Assert.Equal([5f, 7], Run<float>("Slice", 13, Attributes(), data, Longs(1, 0), Longs(2, 3), Longs(0, 1), Longs(1, 2)));
        Assert.Equal([2f, 3, 4], Run<float>("Slice", 13, Attributes(), data, Longs(0, 1), Longs(-1, 1000)));
        Assert.Equal([2f, 3, 4], Run<float>("Slice", 9, Attributes(("starts", new[] { 0, 1 }), ("ends", new[] { -1, 1000 })), data));
        Assert.Equal([4f, 3, 2, 1, 8, 7, 6, 5],
            Run<float>("Slice", 13, Attributes(), data, Longs(-1), Longs(long.MinValue), Longs(-1), Longs(-1)));
        Assert.Equal([3f, 7], Run<float>("Slice", 13, Attributes(), data, Longs(2), Longs(3), Longs(1), null));
    }

    [Theory]
    [InlineData(0, long.MaxValue, 1, new float[] { 0, 1, 2, 3, 4 })]
    [InlineData(long.MinValue, long.MaxValue, long.MaxValue, new float[] { 0 })]
    [InlineData(long.MaxValue, long.MinValue, long.MinValue, new float[] { 4 })]
    [InlineData(long.MaxValue, long.MinValue, -2, new float[] { 4, 2, 0 })]
    [InlineData(3, 0, -1, new float[] { 3, 2, 1 })]
    [InlineData(3, -1, -1, new float[] { })]
    [InlineData(-100, long.MinValue, -1, new float[] { 0 })]
    [InlineData(5, 9, 1, new float[] { })]
    [InlineData(3, 2, 1, new float[] { })]
    [InlineData(-2, -1, 1, new float[] { 3 })]
    [InlineData(1, 4, 2, new float[] { 1, 3 })]
    [InlineData(0, 4, 3, new float[] { 0, 3 })]
    public void SliceClampsAsOnnxSays(long start, long end, long step, float[] expected) =>
        Assert.Equal(expected, Run<float>("Slice", 13, Attributes(), Floats([5], Count(5)), Longs(start), Longs(end), Longs(0), Longs(step)));

    [Fact]
    public void SliceRefusesWhatCannotBe()
    {
        Tensor data = Iota(DType.Float32, 2, 4);
        Assert.Contains("step is 0", Refusal("Slice", 13, Attributes(), data, Longs(0), Longs(1), Longs(0), Longs(0)));
        Refusal("Slice", 13, Attributes(), data, Longs(0, 0), Longs(1));
        Refusal("Slice", 13, Attributes(), data, Longs(0, 0), Longs(1, 1), Longs(0, 0));
        Refusal("Slice", 13, Attributes(), data, Longs(0), Longs(1), Longs(2));
        Refusal("Slice", 13, Attributes(), data, Longs(0, 0, 0), Longs(1, 1, 1));
        Refusal("Slice", 13, Attributes(), data, Floats([1], 0), Longs(1));
    }

    [Fact]
    public void SliceWorksOnSymbols()
    {
        TensorFact data = Symbolic(DType.Float32, "b", "s", 8);
        Assert.Equal("f32[b,s-1,8]", Infer("Slice", 13, Attributes(), data, Elements(1), Elements(long.MaxValue), Elements(1)).ToString());
        Assert.Equal("f32[b,s-1,8]", Infer("Slice", 13, Attributes(), data, Elements(0), Elements(-1), Elements(1)).ToString());
        Assert.Equal("f32[b,1,8]", Infer("Slice", 13, Attributes(), data, Elements(-1), Elements(long.MaxValue), Elements(1)).ToString());
        Assert.Equal("f32[b,s,4]", Infer("Slice", 13, Attributes(), data, Elements(1), Elements(8), Elements(-1), Elements(2)).ToString());
        Assert.Equal("f32[s,64]", Infer("Slice", 13, Attributes(), Symbolic(DType.Float32, 512, 64), Elements(0), Elements("s"), Elements(0)).ToString());
        AssertElements(Infer("Slice", 13, Attributes(), Elements("a", "b", 3), Elements(1), Elements(long.MaxValue)), "b", 3);
    }

    [Fact]
    public void ExpandBroadcastsBothWays()
    {
        Tensor column = Floats([3, 1], 1, 2, 3);
        Assert.Equal([1f, 1, 2, 2, 3, 3], Run<float>("Expand", 13, Attributes(), column, Longs(3, 2)));
        Assert.Equal([1f, 2, 3, 1, 2, 3], Run<float>("Expand", 8, Attributes(), column, Longs(2, 1, 1)));
        Assert.Equal([1f, 2, 3], Run<float>("Expand", 8, Attributes(), column, Longs(1)));
        Assert.Empty(Run<float>("Expand", 8, Attributes(), column, Longs(3, 0)));
        Refusal("Expand", 13, Attributes(), column, Longs(2, 2));
        Refusal("Expand", 13, Attributes(), column, Longs(3, -1));
        Refusal("Expand", 13, Attributes(), Floats([1, 1], 1), Longs(1L << 40, 1L << 40));
        Refusal("Expand", 13, Attributes(), Floats([1, 1], 1), Longs(1L << 31, 1L << 31));
        Assert.Equal("f32[b,4]", Infer("Expand", 13, Attributes(), Symbolic(DType.Float32, 1, 4), Elements("b", 1)).ToString());
    }

    [Fact]
    public void TileRepeats()
    {
        Tensor data = Floats([2, 2], 1, 2, 3, 4);
        Assert.Equal([1f, 2, 1, 2, 3, 4, 3, 4], Run<float>("Tile", 13, Attributes(), data, Longs(1, 2)));
        Assert.Equal([1f, 2, 3, 4, 1, 2, 3, 4], Run<float>("Tile", 6, Attributes(), data, Longs(2, 1)));
        Assert.Equal([1f, 2, 1, 2, 3, 4, 3, 4], Run<float>("Tile", 1, Attributes(), data, Tensor.Scalar(2f), Tensor.Scalar(1f)));
        Assert.Empty(Run<float>("Tile", 13, Attributes(), data, Longs(0, 2)));
        Refusal("Tile", 13, Attributes(), data, Longs(1));
        Refusal("Tile", 13, Attributes(), data, Longs(1, -1));
        Refusal("Tile", 13, Attributes(), data, Longs(1L << 62, 1L << 62));
    }

    [Fact]
    public void DepthAndSpaceMove()
    {
        Tensor depth = Floats([1, 8, 1, 1], Count(8));
        Assert.Equal([0f, 2, 4, 6, 1, 3, 5, 7], Run<float>("DepthToSpace", 13, Attributes(("blocksize", 2)), depth));
        Assert.Equal([0f, 1, 2, 3, 4, 5, 6, 7], Run<float>("DepthToSpace", 13, Attributes(("blocksize", 2), ("mode", "CRD")), depth));
        Tensor space = Floats([1, 2, 2, 2], Count(8));
        Assert.Equal([0f, 4, 1, 5, 2, 6, 3, 7], Run<float>("SpaceToDepth", 13, Attributes(("blocksize", 2)), space));
        Refusal("DepthToSpace", 13, Attributes(("blocksize", 3)), depth);
        Refusal("DepthToSpace", 13, Attributes(("blocksize", 0)), depth);
        Refusal("DepthToSpace", 13, Attributes(("blocksize", long.MaxValue)), depth);
        Refusal("DepthToSpace", 13, Attributes(("blocksize", 2), ("mode", "X")), depth);
        Refusal("SpaceToDepth", 13, Attributes(("blocksize", -1)), space);
    }

    [Fact]
    public void CropCutsBorders()
    {
        Tensor image = Floats([1, 1, 3, 4], Count(12));
        Assert.Equal([5f, 6], Run<float>("Crop", 1, Attributes(("border", new[] { 1, 1, 1, 1 })), image));
        Assert.Equal([6f, 7, 10, 11], Run<float>("Crop", 1, Attributes(("border", new[] { 2, 1, 0, 0 }), ("scale", new[] { 2, 2 })), image));
        Refusal("Crop", 1, Attributes(("border", new[] { 2, 1, 0, 0 }), ("scale", new[] { 3, 2 })), image);
        Refusal("Crop", 1, Attributes(("border", new[] { 3, 1, 2, 0 })), image);
    }

    [Theory]
    [InlineData("transpose/f32[2,3] -> f32[3,2] walk[3,2] step[1,3] at1")]
    [InlineData("transpose/f32[2,3] -> f32[3,2] walk[3,2] step[-1,3] at0")]
    [InlineData("transpose/f32[2,3] -> f32[3,2] walk[3,3] step[1,3] at0")]
    [InlineData("transpose/f32[2,3] -> f32[3,2] walk[3,2] step[1,9223372036854775807] at0")]
    [InlineData("transpose/f32[2,3] -> f32[3,2]")]
    [InlineData("transpose/f32[2,3]")]
    [InlineData("transpose/f32[9223372036854775807,3] -> f32[3,2] walk[3,2] step[1,3] at0")]
    [InlineData("transpose/")]
    public void KeysThatReachOutsideAreNoProblems(string key) => Assert.Null(Find("Transpose", 13).ParseProblem(key));
}
