using Ai3.Tensors;
using static Ai3.Ops.Tests.MovementRunner;

namespace Ai3.Ops.Tests;

public class MovementIndexTests
{
    private static readonly Tensor s_data = Floats([3, 2], 1, 2, 3, 4, 5, 6);

    [Fact]
    public void GatherPicksSlices()
    {
        Assert.Equal([1f, 2, 3, 4, 3, 4, 5, 6], Run<float>("Gather", 13, Attributes(), s_data, Tensor.Copy<long>([0, 1, 1, 2], [2, 2])));
        Assert.Equal([1f, 3, 5], Run<float>("Gather", 13, Attributes(("axis", 1)), s_data, Tensor.Scalar(0L)));
        Assert.Equal([2f, 1, 4, 3, 6, 5], Run<float>("Gather", 11, Attributes(("axis", -1)), s_data, Tensor.Copy<int>([-1, -2], [2])));
        Assert.Empty(Run<float>("Gather", 13, Attributes(), s_data, Longs()));
        Refusal("Gather", 13, Attributes(("axis", 2)), s_data, Longs(0));
        Refusal("Gather", 13, Attributes(), s_data, Floats([1], 0));
        Assert.Equal("f32[b,s,768]", Infer("Gather", 13, Attributes(), Symbolic(DType.Float32, 30000, 768), Symbolic(DType.Int64, "b", "s")).ToString());
        AssertElements(Infer("Gather", 13, Attributes(), Elements("b", "s", 3), Elements(1, -1)), "s", 3);
    }

    [Fact]
    public void GatherElementsPicksElements()
    {
        Tensor data = Floats([2, 2], 1, 2, 3, 4);
        Assert.Equal([1f, 1, 4, 3], Run<float>("GatherElements", 13, Attributes(("axis", 1)), data, Tensor.Copy<long>([0, 0, 1, 0], [2, 2])));
        Tensor square = Floats([3, 3], 1, 2, 3, 4, 5, 6, 7, 8, 9);
        Assert.Equal([4f, 8, 3, 7, 2, 3], Run<float>("GatherElements", 11, Attributes(("axis", 0)), square, Tensor.Copy<int>([1, 2, 0, 2, 0, 0], [2, 3])));
        Assert.Equal([7f, 5, 3, 4, 2, 3], Run<float>("GatherElements", 11, Attributes(("axis", -2)), square, Tensor.Copy<long>([-1, -2, 0, -2, 0, 0], [2, 3])));
        Refusal("GatherElements", 13, Attributes(("axis", 1)), data, Longs(0));
        Refusal("GatherElements", 13, Attributes(("axis", 1)), data, Tensor.Copy<long>([0, 0, 0], [3, 1]));
    }

    [Fact]
    public void GatherNDPicksSlicesByTuples()
    {
        Tensor data = Tensor.Copy<int>([0, 1, 2, 3], [2, 2]);
        Assert.Equal([0, 3], Run<int>("GatherND", 13, Attributes(), data, Tensor.Copy<long>([0, 0, 1, 1], [2, 2])));
        Tensor cube = Tensor.Copy<int>([0, 1, 2, 3, 4, 5, 6, 7], [2, 2, 2]);
        Assert.Equal([2, 3, 4, 5], Run<int>("GatherND", 11, Attributes(), cube, Tensor.Copy<long>([0, 1, 1, 0], [2, 1, 2])));
        Assert.Equal([2, 3, 4, 5], Run<int>("GatherND", 12, Attributes(("batch_dims", 1)), cube, Tensor.Copy<long>([-1, 0], [2, 1])));
        Assert.Equal("f32[b,n,4]", Infer("GatherND", 13, Attributes(("batch_dims", 1)), Symbolic(DType.Float32, "b", 9, 4), Symbolic(DType.Int64, "b", "n", 1)).ToString());
        Refusal("GatherND", 13, Attributes(), data, Tensor.Copy<long>([0, 0, 0], [1, 3]));
        Refusal("GatherND", 13, Attributes(("batch_dims", 2)), data, Tensor.Copy<long>([0, 0], [1, 2]));
        Refusal("GatherND", 13, Attributes(("batch_dims", -1)), data, Tensor.Copy<long>([0, 0], [1, 2]));
        Refusal("GatherND", 13, Attributes(), data, Tensor.Copy<long>([], [1, 0]));
        Refusal("GatherND", 13, Attributes(("batch_dims", 1)), cube, Tensor.Copy<long>([0, 0, 0], [3, 1]));
    }

    [Fact]
    public void ScatterElementsReplacesAndReduces()
    {
        Tensor data = Floats([1, 5], 1, 2, 3, 4, 5), indices = Tensor.Copy<long>([1, 3], [1, 2]), updates = Floats([1, 2], 1.1f, 2.1f);
        Assert.Equal([1f, 1.1f, 3, 2.1f, 5], Run<float>("ScatterElements", 13, Attributes(("axis", 1)), data, indices, updates));
        Assert.Equal([1f, 1.1f, 3, 2.1f, 5], Run<float>("Scatter", 10, Attributes(("axis", 1)), data, indices, updates));
        Tensor twice = Tensor.Copy<int>([1, -4], [1, 2]);
        Assert.Equal([1f, 2.1f, 3, 4, 5], Run<float>("ScatterElements", 11, Attributes(("axis", 1)), data, twice, updates));
        Assert.Equal([1f, 2f + 1.1f + 2.1f, 3, 4, 5], Run<float>("ScatterElements", 16, Attributes(("axis", 1), ("reduction", "add")), data, twice, updates));
        Assert.Equal([1f, 2f * 1.1f * 2.1f, 3, 4, 5], Run<float>("ScatterElements", 16, Attributes(("axis", 1), ("reduction", "mul")), data, twice, updates));
        Assert.Equal([1f, 2.1f, 3, 4, 5], Run<float>("ScatterElements", 18, Attributes(("axis", 1), ("reduction", "max")), data, twice, updates));
        Assert.Equal([1f, 1.1f, 3, 4, 5], Run<float>("ScatterElements", 18, Attributes(("axis", 1), ("reduction", "min")), data, twice, updates));
        Tensor zeros = Floats([3, 3], new float[9]);
        Assert.Equal([2f, 1.1f, 0, 1, 0, 2.2f, 0, 2.1f, 1.2f], Run<float>("ScatterElements", 11, Attributes(("axis", 0)), zeros,
            Tensor.Copy<long>([1, 0, 2, 0, 2, 1], [2, 3]), Floats([2, 3], 1, 1.1f, 1.2f, 2, 2.1f, 2.2f)));
        Refusal("ScatterElements", 11, Attributes(("axis", 0)), zeros, Longs(0), Floats([1], 0));
        Refusal("ScatterElements", 11, Attributes(("axis", 1)), data, indices, Floats([1, 3], 0, 0, 0));
        Refusal("ScatterElements", 11, Attributes(("axis", 1)), data, indices, Tensor.Copy<int>([1, 2], [1, 2]));
        Refusal("ScatterElements", 18, Attributes(("axis", 1), ("reduction", "mean")), data, indices, updates);
    }

    [Theory]
    [InlineData(DType.Int8)]
    [InlineData(DType.UInt8)]
    [InlineData(DType.Int16)]
    [InlineData(DType.UInt16)]
    [InlineData(DType.Int32)]
    [InlineData(DType.UInt32)]
    [InlineData(DType.Int64)]
    [InlineData(DType.UInt64)]
    [InlineData(DType.Float16)]
    [InlineData(DType.BFloat16)]
    [InlineData(DType.Float64)]
    public void ReductionsAgreeWithReferenceInEveryType(DType type)
    {
        foreach (string reduction in new[] { "none", "add", "mul", "max", "min" })
        {
            Run("ScatterElements", 18, Attributes(("axis", 1), ("reduction", reduction)),
                [Iota(type, 3, 4, 5), Tensor.Copy<long>([.. Enumerable.Range(0, 90).Select(i => i % 3 * (i % 2 == 0 ? 1L : -1L))], [3, 6, 5]), Iota(type, 3, 6, 5)]);
            Run("ScatterND", 18, Attributes(("reduction", reduction)), [Iota(type, 3, 4, 5), Tensor.Copy<long>([0, 1, 2, 3, 0, 1, -1, -1], [4, 2]), Iota(type, 4, 5)]);
        }
    }

    [Fact]
    public void ScatterNDReplacesSlices()
    {
        Tensor data = Floats([8], 1, 2, 3, 4, 5, 6, 7, 8);
        Assert.Equal([1f, 11, 3, 10, 9, 6, 7, 12], Run<float>("ScatterND", 11, Attributes(), data, Tensor.Copy<long>([4, 3, 1, 7], [4, 1]), Floats([4], 9, 10, 11, 12)));
        Tensor matrix = Floats([2, 2], 1, 2, 3, 4);
        Assert.Equal([1f, 2, 7, 8], Run<float>("ScatterND", 11, Attributes(), matrix, Tensor.Copy<long>([-1], [1, 1]), Floats([1, 2], 7, 8)));
        Assert.Equal([1f, 2, 3, 4], Run<float>("ScatterND", 11, Attributes(), matrix, Tensor.Copy<long>([], [0, 1]), Floats([0, 2])));
        Refusal("ScatterND", 11, Attributes(), matrix, Tensor.Copy<long>([0], [1, 1]), Floats([2], 7, 8));
        Refusal("ScatterND", 11, Attributes(), matrix, Tensor.Copy<long>([0], [1, 1]), Floats([1, 3], 7, 8, 9));
        Refusal("ScatterND", 11, Attributes(), matrix, Tensor.Copy<long>([0, 0, 0], [1, 3]), Floats([1], 7));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-4)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void AnIndexOutsideEndsTheRun(long index)
    {
        Tensor data = Floats([3, 3], Count(9)), two = Tensor.Copy<long>([0, index], [1, 2]), updates = Floats([1, 2], 5, 6);
        Assert.Contains($"index {index}", Outside("Gather", 13, data, Longs(2, index)));
        Outside("GatherElements", 13, data, two);
        Outside("GatherND", 13, data, two);
        Outside("ScatterElements", 13, data, two, updates);
        Outside("ScatterND", 13, data, two, Floats([1], 5));
        Outside("Gather", 13, Floats([0, 3]), Longs(index));
    }

    private static string Outside(string op, int opset, params Tensor[] inputs)
    {
        OpDefinition definition = Find(op, opset);
        Problem problem = definition.CreateProblem(Node(opset, Attributes(), 1, [.. inputs.Select(TensorFact.Of)]));
        string message = "";
        foreach (Candidate candidate in definition.Candidates(problem, new Target(IsaLevel.Scalar, 1, CacheSizes.Typical)).Accepted)
            message = Assert.Throws<OpException>(() => Execute(candidate, problem, inputs, WorkerPool.Single, 0)).Message;
        return message;
    }
}
