using Ai3.Tensors;
using static Ai3.Ops.Tests.MovementRunner;

namespace Ai3.Ops.Tests;

public class MovementCreateTests
{
    [Fact]
    public void ShapeAndSizeSayWhatIsThere()
    {
        Tensor data = Iota(DType.Float32, 2, 3, 4);
        Assert.Equal([2L, 3, 4], Run<long>("Shape", 13, Attributes(), data));
        Assert.Equal([3L], Run<long>("Shape", 15, Attributes(("start", 1), ("end", -1)), data));
        Assert.Equal([2L, 3, 4], Run<long>("Shape", 15, Attributes(("start", -9), ("end", 9)), data));
        Assert.Empty(Run<long>("Shape", 15, Attributes(("start", 2), ("end", 1)), data));
        Assert.Empty(Run<long>("Shape", 1, Attributes(), Iota(DType.Float32)));
        Assert.Equal([24L], Run<long>("Size", 13, Attributes(), data));
        Assert.Equal([0L], Run<long>("Size", 13, Attributes(), Iota(DType.Float32, 0, 4)));
        AssertElements(Infer("Shape", 15, Attributes(("start", 1)), Symbolic(DType.Float32, "b", "s", 4)), "s", 4);
        Assert.Equal("4*b", Assert.Single(Infer("Size", 13, Attributes(), Symbolic(DType.Float32, "b", 4)).Elements).ToString());
        Assert.Equal(1, Infer("Shape", 13, Attributes(), new TensorFact(DType.Float32, null)).Shape!.Rank);
    }

    [Fact]
    public void ConstantTakesEveryForm()
    {
        Tensor value = Floats([2], 1, 2);
        Tensor Constant(string name, object content) => Infer("Constant", 13, Attributes((name, content))).Constant!;
        Assert.Same(value, Constant("value", value));
        Assert.Equal([1f, 2], Run<float>("Constant", 1, Attributes(("value", value))));
        Assert.Equal(7L, Constant("value_int", 7).AsSpan<long>()[0]);
        Assert.Equal(0, Constant("value_int", 7).Shape.Rank);
        Assert.Equal([7L, 8], Constant("value_ints", new long[] { 7, 8 }).AsSpan<long>());
        Assert.Equal([1.5f], Constant("value_float", 1.5f).AsSpan<float>());
        Assert.Equal([1.5f, 2], Constant("value_floats", new[] { 1.5f, 2 }).AsSpan<float>());
        Assert.Equal(["a"], Constant("value_string", "a").AsStrings().ToArray());
        Assert.Equal(["a", "b"], Constant("value_strings", new[] { "a", "b" }).AsStrings().ToArray());
        Refusal("Constant", 13, Attributes());
        Refusal("Constant", 13, Attributes(("value_int", 1), ("value_float", 1f)));
        Refusal("Constant", 13, Attributes(("sparse_value", 1)));
        Refusal("Constant", 13, Attributes(("value_int", 1f)));
    }

    [Fact]
    public void ConstantOfShapeFills()
    {
        Assert.Equal([1f, 1, 1, 1, 1, 1], Run<float>("ConstantOfShape", 9, Attributes(("value", Floats([1], 1))), Longs(2, 3)));
        Assert.Equal([0f, 0], Run<float>("ConstantOfShape", 9, Attributes(), Longs(2)));
        Assert.Equal([-5], Run<int>("ConstantOfShape", 9, Attributes(("value", Tensor.Copy<int>([-5], [1]))), Longs()));
        Assert.Empty(Run<long>("ConstantOfShape", 9, Attributes(("value", Longs(3))), Longs(0)));
        Run("ConstantOfShape", 21, Attributes(("value", Iota(DType.Int4, 1))), [Longs(3)]);
        Run("ConstantOfShape", 21, Attributes(("value", Iota(DType.Complex128, 1))), [Longs(300, 100)]);
        AssertElements(Infer("ConstantOfShape", 9, Attributes(("value", Longs(-3))), Elements(2)), -3, -3);
        Assert.Equal("f32[b,4]", Infer("ConstantOfShape", 9, Attributes(), Elements("b", 4)).ToString());
        Refusal("ConstantOfShape", 9, Attributes(), Longs(-1));
        Refusal("ConstantOfShape", 9, Attributes(), Longs(1L << 60, 16));
        Refusal("ConstantOfShape", 9, Attributes(), Longs(1L << 62));
        Refusal("ConstantOfShape", 9, Attributes(("value", Longs(1, 2))), Longs(1));
        Refusal("ConstantOfShape", 9, Attributes(), Tensor.Copy<long>([1, 1], [1, 2]));
        Refusal("ConstantOfShape", 9, Attributes(), Longs(new long[2000]));
    }

    [Fact]
    public void RangeCounts()
    {
        Assert.Equal([3L, 6], Run<long>("Range", 11, Attributes(), Tensor.Scalar(3L), Tensor.Scalar(9L), Tensor.Scalar(3L)));
        Assert.Equal([10, 8, 6, 4, 2], Run<int>("Range", 11, Attributes(), Tensor.Scalar(10), Tensor.Scalar(1), Tensor.Scalar(-2)));
        Assert.Equal([1f, 3], Run<float>("Range", 11, Attributes(), Tensor.Scalar(1f), Tensor.Scalar(5f), Tensor.Scalar(2f)));
        Assert.Equal([0.5, 0.25], Run<double>("Range", 11, Attributes(), Tensor.Scalar(0.5), Tensor.Scalar(0.1), Tensor.Scalar(-0.25)));
        Assert.Empty(Run<short>("Range", 11, Attributes(), Tensor.Scalar((short)5), Tensor.Scalar((short)5), Tensor.Scalar((short)1)));
        Assert.Equal([long.MaxValue, 0, -long.MaxValue],
            Run<long>("Range", 11, Attributes(), Tensor.Scalar(long.MaxValue), Tensor.Scalar(long.MinValue), Tensor.Scalar(-long.MaxValue)));
        AssertElements(Infer("Range", 11, Attributes(), [.. new[] { 2L, 8, 3 }.Select(v => TensorFact.OfConstant(Tensor.Scalar(v)))]), 2, 5);
        TensorFact Scalar(object value) => Elements(value) with { Shape = SymbolicShape.Create() };
        Assert.Equal("i64[seq]", Infer("Range", 11, Attributes(), Scalar(0), Scalar("seq"), Scalar(1)).ToString());
        Refusal("Range", 11, Attributes(), Tensor.Scalar(1f), Tensor.Scalar(5f), Tensor.Scalar(0f));
        Refusal("Range", 11, Attributes(), Tensor.Scalar(1L), Tensor.Scalar(5L), Tensor.Scalar(0L));
        Refusal("Range", 11, Attributes(), Tensor.Scalar(1f), Tensor.Scalar(float.PositiveInfinity), Tensor.Scalar(1f));
        Refusal("Range", 11, Attributes(), Tensor.Scalar(float.NaN), Tensor.Scalar(1f), Tensor.Scalar(1f));
        Refusal("Range", 11, Attributes(), Tensor.Scalar(0f), Tensor.Scalar(1e38f), Tensor.Scalar(1e-38f));
        Refusal("Range", 11, Attributes(), Tensor.Scalar(long.MinValue), Tensor.Scalar(long.MaxValue), Tensor.Scalar(1L));
        Refusal("Range", 11, Attributes(), Longs(1, 2), Longs(5), Longs(1));
    }

    [Fact]
    public void OneHotSetsOneElement()
    {
        Tensor values = Floats([2], 0, 1);
        Assert.Equal([0f, 1, 0, 0, 0, 1], Run<float>("OneHot", 11, Attributes(), Longs(1, 2), Tensor.Scalar(3L), values));
        Assert.Equal([0f, 1, 0, 0, 0, 1], Run<float>("OneHot", 11, Attributes(), Longs(-2, -1), Longs(3), values));
        Assert.Equal([0f, 0, 0, 0, 0, 0], Run<float>("OneHot", 11, Attributes(), Longs(3, -4), Longs(3), values));
        Assert.Equal([0f, 0, 0, 0, 0, 1], Run<float>("OneHot", 9, Attributes(), Longs(-2, 2), Longs(3), values));
        Assert.Equal([2f, 5, 2, 5, 2, 2, 2, 2, 2], Run<float>("OneHot", 11, Attributes(("axis", 0)), Floats([3], 1.9f, 0, float.NaN), Tensor.Scalar(3f), Floats([2], 2, 5)));
        Run("OneHot", 11, Attributes(("axis", 1)), [Iota(DType.Int8, 2, 3, 4), Tensor.Scalar(5), Iota(DType.Int16, 2)]);
        Run("OneHot", 11, Attributes(("axis", 1)), [Tensor.Copy<ulong>([0, ulong.MaxValue, 4], [3]), Tensor.Scalar(5), Iota(DType.Bool, 2)]);
        Run("OneHot", 11, Attributes(), [Longs(long.MinValue, long.MaxValue, -5, 4), Tensor.Scalar(5), values]);
        Refusal("OneHot", 11, Attributes(), Longs(1), Tensor.Scalar(-1L), values);
        Refusal("OneHot", 11, Attributes(), Longs(1), Tensor.Scalar(1.5f), values);
        Refusal("OneHot", 11, Attributes(), Longs(1, 2, 3, 4, 5, 6, 7, 8), Tensor.Scalar(1L << 60), values);
        Refusal("OneHot", 11, Attributes(("axis", 2)), Longs(1), Tensor.Scalar(1L), values);
        Refusal("OneHot", 11, Attributes(), Longs(1), Tensor.Scalar(1L), Floats([3], 0, 1, 2));
    }

    [Fact]
    public void TriluKeepsTriangles()
    {
        Tensor data = Floats([2, 3], 1, 2, 3, 4, 5, 6);
        float[] Kept(bool upper, long? k) =>
            Run<float>("Trilu", 14, Attributes(("upper", upper ? 1 : 0)), data, k is { } value ? Tensor.Scalar(value) : null);
        Assert.Equal([1f, 2, 3, 0, 5, 6], Kept(true, null));
        Assert.Equal([0f, 2, 3, 0, 0, 6], Kept(true, 1));
        Assert.Equal([1f, 2, 3, 4, 5, 6], Kept(true, -1));
        Assert.Equal([1f, 0, 0, 4, 5, 0], Kept(false, 0));
        Assert.Equal([0f, 0, 0, 4, 0, 0], Kept(false, -1));
        Assert.Equal([1f, 2, 3, 4, 5, 6], Kept(false, long.MaxValue));
        Assert.Equal(new float[6], Kept(false, long.MinValue));
        Assert.Equal(new float[6], Kept(true, long.MaxValue));
        Assert.Equal([1f, 2, 3, 4, 5, 6], Kept(true, long.MinValue));
        Run("Trilu", 14, Attributes(), [Iota(DType.Complex128, 3, 4, 5), Tensor.Scalar(-2L)]);
        Run("Trilu", 14, Attributes(), [Iota(DType.Int8, 3, 0, 5), null]);
        Refusal("Trilu", 14, Attributes(), Floats([2], 1, 2));
        Refusal("Trilu", 14, Attributes(), data, Tensor.Scalar(1f));
    }

    [Fact]
    public void EyeLikeMakesDiagonals()
    {
        Tensor like = Iota(DType.Int32, 2, 3);
        Assert.Equal([1, 0, 0, 0, 1, 0], Run<int>("EyeLike", 9, Attributes(), like));
        Assert.Equal([0f, 1, 0, 0, 0, 1], Run<float>("EyeLike", 9, Attributes(("dtype", 1), ("k", 1)), like));
        Assert.Equal([0.0, 0, 0, 1, 0, 0], Run<double>("EyeLike", 9, Attributes(("dtype", 11), ("k", -1)), like));
        Assert.Equal(new int[6], Run<int>("EyeLike", 9, Attributes(("k", long.MinValue)), like));
        Assert.Equal(new int[6], Run<int>("EyeLike", 9, Attributes(("k", long.MaxValue)), like));
        Refusal("EyeLike", 9, Attributes(), Iota(DType.Int32, 2));
        Refusal("EyeLike", 9, Attributes(("dtype", 99)), like);
        Refusal("EyeLike", 9, Attributes(("dtype", 8)), like);
    }

    [Fact]
    public void ReverseSequenceReversesBeginnings()
    {
        Tensor data = Floats([4, 2], 0, 4, 1, 5, 2, 6, 3, 7);
        Assert.Equal([3f, 4, 2, 5, 1, 6, 0, 7], Run<float>("ReverseSequence", 10, Attributes(), data, Longs(4, 1)));
        Tensor rows = Floats([2, 3], 0, 1, 2, 3, 4, 5);
        Assert.Equal([1f, 0, 2, 3, 4, 5], Run<float>("ReverseSequence", 10, Attributes(("batch_axis", 0), ("time_axis", 1)), rows, Longs(2, 0)));
        Run("ReverseSequence", 10, Attributes(), [Iota(DType.Int16, 5, 3, 2), Longs(5, 0, 3)]);
        Refusal("ReverseSequence", 10, Attributes(), data, Longs(1));
        Refusal("ReverseSequence", 10, Attributes(("batch_axis", 0)), data, Longs(1, 1));
        OpDefinition op = Find("ReverseSequence", 10);
        Problem problem = op.CreateProblem(Node(10, Attributes(), 1, TensorFact.Of(data), TensorFact.Of(Longs(1, 1))));
        foreach (long length in new[] { -1, 5, long.MaxValue, long.MinValue })
            foreach (Candidate candidate in op.Candidates(problem, new Target(IsaLevel.Scalar, 1, CacheSizes.Typical)).Accepted)
                Assert.Throws<OpException>(() => Execute(candidate, problem, [data, Longs(1, length)], WorkerPool.Single, 0));
    }
}
