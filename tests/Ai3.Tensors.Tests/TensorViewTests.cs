using System.Numerics.Tensors;

namespace Ai3.Tensors.Tests;

public class TensorViewTests
{
    private static readonly Tensor s_data = Tensor.From(Enumerable.Range(0, 24).ToArray(), [2, 3, 4]);

    private static int[] Elements(TensorView view)
    {
        using Tensor copy = view.ToTensor();
        return copy.AsSpan<int>().ToArray();
    }

    [Fact]
    public void SlicesForwardsAndBackwards()
    {
        TensorView view = TensorView.Of(s_data);
        Assert.True(view.IsContiguous);
        Assert.Equal([4, 5, 6, 7, 16, 17, 18, 19], Elements(view.Slice(1, 1, 1)));
        Assert.Equal([23, 21], Elements(view.Slice(0, 1, 1).Slice(1, 2, 1).Slice(-1, 3, 2, -2)));
        Assert.Equal([12], Elements(view.Slice(0, 1, 1, long.MinValue).Slice(1, 0, 1).Slice(2, 0, 1)));
        Assert.Empty(Elements(view.Slice(2, 99, 0)));
        Assert.False(view.Slice(2, 0, 2).IsContiguous);
        Assert.True(view.Slice(0, 1, 1).IsContiguous);
    }

    [Theory]
    [InlineData(0, 0, 3, 1)]
    [InlineData(0, 2, 1, 1)]
    [InlineData(0, -1, 1, 1)]
    [InlineData(0, 1, 3, -1)]
    [InlineData(0, 0, -1, 1)]
    [InlineData(0, 1, 2, long.MaxValue)]
    [InlineData(0, 0, long.MaxValue, long.MaxValue)]
    [InlineData(3, 0, 1, 1)]
    public void RefusesSlicesOutside(int axis, long start, long count, long step) =>
        Assert.Throws<ShapeException>(() => TensorView.Of(s_data).Slice(axis, start, count, step));

    [Fact]
    public void PermutesAndBroadcasts()
    {
        TensorView view = TensorView.Of(s_data).Slice(1, 0, 1).Slice(2, 0, 2);
        Assert.Equal([0, 12, 1, 13], Elements(view.Permute(2, 1, 0)));
        Assert.Equal([0, 1, 0, 1, 12, 13, 12, 13], Elements(view.Broadcast([2, 2, 2])));
        Assert.Equal([0, 1, 12, 13, 0, 1, 12, 13], Elements(view.Broadcast([2, 2, 1, 2])));
        Assert.Throws<ShapeException>(() => view.Permute(0, 1));
        Assert.Throws<ShapeException>(() => view.Permute(0, 1, 1));
        Assert.Throws<ShapeException>(() => view.Broadcast([3, 1, 2]));
        Assert.Throws<ShapeException>(() => view.Broadcast([2]));
    }

    [Fact]
    public void ReshapesWithoutACopyWhereStridesCanSayIt()
    {
        TensorView view = TensorView.Of(s_data);
        Assert.Equal([12, 1], view.Reshape([2, 12]).Strides.ToArray());
        Assert.Equal([0, 1, 12, 13], Elements(view.Slice(1, 0, 1).Slice(2, 0, 2).Reshape([2, 1, 2, 1])));
        Assert.Equal([0, 4, 8, 12, 16, 20], Elements(view.Slice(2, 0, 1).Reshape([6])));
        Assert.Equal([20, 16, 12, 8, 4, 0], Elements(view.Slice(2, 0, 1).Reshape([6]).Slice(0, 5, 6, -1)));
        Assert.Throws<ShapeException>(() => view.Permute(2, 1, 0).Reshape([24]));
        Assert.Throws<ShapeException>(() => view.Slice(1, 0, 2).Reshape([4, 2, 2]).Reshape([4, 4]).Reshape([2, 2, 4]).Permute(1, 0, 2).Reshape([16]));
        Assert.Throws<ShapeException>(() => view.Reshape([23]));
        Assert.Equal(Shape.Create(0, 5), TensorView.Of(Tensor.Zeros(DType.Int8, [3, 0])).Reshape([0, 5]).Shape);
    }

    [Fact]
    public void HasNoViewOfPackedOrBlockedTensors()
    {
        Assert.Throws<ShapeException>(() => TensorView.Of(Tensor.Zeros(DType.Int4, [3])));
        Assert.Throws<ShapeException>(() => TensorView.Of(Tensor.From(["a"], [1])));
        Assert.Throws<ShapeException>(() => TensorView.Of(Tensor.Allocate(DType.Float32, [1, 3, 2, 2], Format.Blocked(4))));
        Assert.Throws<ShapeException>(() => TensorView.Of(s_data).CopyTo(Tensor.Zeros(DType.Int32, [24])));
    }

    [Fact]
    public void BecomesATensorSpan()
    {
        ReadOnlyTensorSpan<int> all = s_data.AsReadOnlyTensorSpan<int>();
        Assert.Equal(17, all[1, 1, 1]);
        ReadOnlyTensorSpan<int> part = TensorView.Of(s_data).Slice(0, 1, 1).Permute(2, 0, 1).Slice(0, 1, 3).AsReadOnlyTensorSpan<int>();
        Assert.Equal([3, 1, 3], part.Lengths.ToArray());
        Assert.Equal(23, part[2, 0, 2]);
        using Tensor own = Tensor.Zeros(DType.Float32, [2, 2]);
        TensorSpan<float> span = own.AsTensorSpan<float>();
        span[1, 0] = 5;
        Assert.Equal([0f, 0, 5, 0], own.AsSpan<float>());
        Assert.Throws<InvalidOperationException>(() => { own.AsTensorSpan<int>(); });
        Assert.Throws<InvalidOperationException>(() => { Tensor.From((ReadOnlyMemory<int>)new[] { 1 }, [1]).AsTensorSpan<int>(); });
        Assert.Throws<ShapeException>(() => { TensorView.Of(s_data).Slice(2, 3, 4, -1).AsReadOnlyTensorSpan<int>(); });
    }
}
