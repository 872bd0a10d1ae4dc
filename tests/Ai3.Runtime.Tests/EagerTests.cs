using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime.Tests;

public sealed class EagerTests
{
    private static readonly WorkerPool Two = new(2, 0);

    public static TheoryData<string> ConvRows => ["reference", "direct", "gemm", "winograd_f2x2_3x3", "auto", "no_such_row,gemm", "winograd_f2x2_3x3,auto"];

    [Theory, MemberData(nameof(ConvRows))]
    public void Conv2DByAnyAlgorithm(string algorithm)
    {
        using Tensor x = Tensor.From(Enumerable.Range(0, 16).Select(i => (float)i).ToArray(), [1, 1, 4, 4]);
        using Tensor w = Tensor.From(new float[] { 0, 0, 0, 0, 4, 0, 0, 0, 0 }, [1, 1, 3, 3]);
        using Tensor b = Tensor.From(new float[] { 1 }, [1]);
        using Tensor y = Eager.Conv2D(x, w, b, new() { Algorithm = algorithm, Pads = [1], Workers = Two });
        Assert.Equal(Shape.Create(1, 1, 4, 4), y.Shape);
        Assert.Equal(Enumerable.Range(0, 16).Select(i => 4f * i + 1), y.AsSpan<float>().ToArray());
    }

    [Fact]
    public void AStrictNameThatDoesNotApplyIsRefused()
    {
        using Tensor x = Tensor.Zeros(DType.Float32, [1, 1, 8, 8]), w = Tensor.Zeros(DType.Float32, [1, 1, 5, 5]);
        AlgorithmRefusedException e = Assert.Throws<AlgorithmRefusedException>(() => Eager.Conv2D(x, w, null, new() { Algorithm = "winograd_f2x2_3x3" }));
        Assert.Contains("winograd_f2x2_3x3", e.Message);
    }

    [Fact]
    public void AFunctionSeesTheShapes()
    {
        long seen = 0;
        using Tensor x = Tensor.Zeros(DType.Float32, [1, 3, 8, 8]), w = Tensor.Zeros(DType.Float32, [5, 3, 3, 3]);
        Selector selector = Selector.Function(node => (seen = node.OutputChannels) > 4 ? "gemm" : "direct");
        Eager.Conv2D(x, w, null, new() { Algorithm = selector }).Dispose();
        Assert.Equal(5, seen);
    }

    [Fact]
    public void AnyOperatorByName()
    {
        using Tensor x = Tensor.From(new float[] { 1, 2, 3, 4 }, [2, 2]);
        Assert.Equal([3f, 7], Eager.Run("ReduceSum", [x, Tensor.From(new long[] { 1 }, [1])], [("keepdims", 0)]).AsSpan<float>().ToArray());
        Assert.Equal([1f, 3, 2, 4], Eager.Transpose(x, [1, 0]).AsSpan<float>().ToArray());
        var parts = Eager.RunAll("Split", [x], 2, [("axis", 1), ("num_outputs", 2)]);
        Assert.Equal([2f, 4], ((Tensor)parts[1]).AsSpan<float>().ToArray());
    }

    [Fact]
    public void CommonOperators()
    {
        using Tensor x = Tensor.From(new float[] { -1, 2, 3, -4 }, [1, 1, 2, 2]), w = Tensor.From(new float[] { 1, 2 }, [1, 2]);
        Assert.Equal([0f, 2, 3, 0], Eager.Relu(x).AsSpan<float>().ToArray());
        Assert.Equal([3f], Eager.MaxPool2D(x, [2]).AsSpan<float>().ToArray());
        Assert.Equal([0f], Eager.AveragePool2D(x, [2]).AsSpan<float>().ToArray());
        Assert.Equal([-2f, 4, 6, -8], Eager.Add(x, x).AsSpan<float>().ToArray());
        Assert.Equal([0.5f, 0.5f], Eager.Softmax(Tensor.From(new float[] { 7, 7 }, [1, 2])).AsSpan<float>().ToArray());
        Assert.Equal([3f, -5], Eager.Linear(x.Reshape([2, 2]), w).AsSpan<float>().ToArray());
        Assert.Equal([3f, -5], Eager.MatMul(x.Reshape([2, 2]), w.Reshape([2, 1])).AsSpan<float>().ToArray());
        Assert.Equal([1f, 2, 1, 2], Eager.Concat(0, [w, w]).AsSpan<float>().ToArray());
        Assert.Equal([-1f, 1], Eager.LayerNormalization(Tensor.From(new float[] { 1, 3 }, [1, 2]), Tensor.From(new float[] { 1, 1 }, [2]), null, 0).AsSpan<float>().ToArray());
    }

    [Fact]
    public void AViewIsACopyOfTheCallers()
    {
        using Tensor x = Tensor.From(new float[] { 1, 2 }, [2]);
        using Tensor y = Eager.Run("Unsqueeze", [x, Tensor.From(new long[] { 0 }, [1])]);
        x.AsSpan<float>()[0] = 5;
        Assert.Equal([1f, 2], y.AsSpan<float>().ToArray());
    }

    [Fact]
    public void ErrorsAreOneLine()
    {
        using Tensor x = Tensor.Zeros(DType.Float32, [2, 3]);
        Assert.Contains("MatMul", Assert.Throws<GraphException>(() => Eager.MatMul(x, x)).Message);
        Assert.Contains("inputs", Assert.Throws<GraphException>(() => Eager.Run("Relu", [x, x])).Message);
        Assert.Contains("NoSuchOp", Assert.Throws<UnsupportedModelException>(() => Eager.Run("NoSuchOp", [x])).Message);
        Assert.Throws<GraphException>(() => Eager.Add(x, x, new() { Limits = new RunLimits { TensorBytes = 8 } }));
    }

    [Fact]
    public void CallersMayBeMany() => Parallel.For(0, 32, i =>
    {
        using Tensor x = Tensor.From(Enumerable.Repeat((float)i, 4096).ToArray(), [4096]);
        using Tensor y = Eager.Mul(x, x);
        Assert.All(y.AsSpan<float>().ToArray(), v => Assert.Equal((float)i * i, v));
    });
}
