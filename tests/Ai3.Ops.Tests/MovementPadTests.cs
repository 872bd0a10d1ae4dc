using Ai3.Tensors;
using static Ai3.Ops.Tests.MovementRunner;

namespace Ai3.Ops.Tests;

public class MovementPadTests
{
    private static readonly Tensor s_data = Floats([3, 2], 1, 1.2f, 2.3f, 3.4f, 4.5f, 5.7f);

    [Fact]
    public void ConstantPadsInEveryForm()
    {
        float[] expected = [0, 0, 1, 1.2f, 0, 0, 2.3f, 3.4f, 0, 0, 4.5f, 5.7f];
        Assert.Equal(expected, Run<float>("Pad", 13, Attributes(), s_data, Longs(0, 2, 0, 0), Tensor.Scalar(0f)));
        Assert.Equal(expected, Run<float>("Pad", 11, Attributes(("mode", "constant")), s_data, Longs(0, 2, 0, 0)));
        Assert.Equal(expected, Run<float>("Pad", 18, Attributes(), s_data, Longs(2, 0), null, Longs(-1)));
        Assert.Equal(expected, Run<float>("Pad", 2, Attributes(("pads", new[] { 0, 2, 0, 0 })), s_data));
        Assert.Equal(expected, Run<float>("Pad", 1, Attributes(("paddings", new[] { 0, 2, 0, 0 })), s_data));
        Assert.Equal([7f, 1, 7, 7, 2, 7], Run<float>("Pad", 2, Attributes(("pads", new[] { 0, 1, 0, 1 }), ("value", 7f)), Floats([2, 1], 1, 2)));
        Assert.Equal([7f, 7, 7, 1, 7], Run<float>("Pad", 13, Attributes(), Floats([1], 1), Longs(3, 1), Tensor.Scalar(7f)));
    }

    [Fact]
    public void ModesFillFromTheData()
    {
        Tensor row = Floats([1, 4], 1, 2, 3, 4);
        float[] Padded(string mode, params long[] pads) => Run<float>("Pad", 19, Attributes(("mode", mode)), row, Longs(pads));
        Assert.Equal([3f, 2, 1, 2, 3, 4, 3], Padded("reflect", 0, 2, 0, 1));
        Assert.Equal([1f, 1, 1, 2, 3, 4, 4], Padded("edge", 0, 2, 0, 1));
        Assert.Equal([3f, 4, 1, 2, 3, 4, 1], Padded("wrap", 0, 2, 0, 1));
        Assert.Equal([2f, 1, 2, 3, 4, 3, 2, 1, 2, 3, 4, 3, 2, 1, 2, 3, 4], Padded("reflect", 0, 7, 0, 6));
        Assert.Equal([1f, 2, 3, 4, 1, 2, 3, 4], Padded("reflect", 1, 0, 0, 0));
        Assert.Equal([1f, 2, 3, 2, 1], Run<float>("Pad", 13, Attributes(("mode", "reflect")), Floats([4], 9, 1, 2, 3), Longs(-1, 2)));
    }

    [Fact]
    public void NegativePadsCut()
    {
        Assert.Equal([2.3f, 3.4f, 4.5f, 5.7f], Run<float>("Pad", 13, Attributes(), s_data, Longs(-1, 0, 0, 0)));
        Assert.Equal([1.2f, 0, 3.4f, 0, 5.7f, 0], Run<float>("Pad", 13, Attributes(), s_data, Longs(0, -1, 0, 1)));
        Assert.Empty(Run<float>("Pad", 13, Attributes(), s_data, Longs(-1, 0, -2, 0)));
        Assert.Equal([0f, 0, 0, 0], Run<float>("Pad", 13, Attributes(), s_data, Longs(-3, 0, 2, 0)));
    }

    [Fact]
    public void RefusesWhatCannotBe()
    {
        Refusal("Pad", 13, Attributes(), s_data, Longs(0, 2, 0));
        Refusal("Pad", 13, Attributes(), s_data, Longs(-2, 0, -2, 0));
        Refusal("Pad", 13, Attributes(), s_data, Longs(-4, 0, 9, 0));
        Refusal("Pad", 13, Attributes(), s_data, Longs(long.MinValue, 0, 0, 0));
        Refusal("Pad", 13, Attributes(), s_data, Longs(long.MinValue, 0, long.MaxValue, 0));
        Refusal("Pad", 13, Attributes(), s_data, Longs(1L << 62, 1L << 62, 0, 0));
        Refusal("Pad", 13, Attributes(), s_data, Longs(1L << 62, 0, 0, 0));
        Refusal("Pad", 13, Attributes(), s_data, Longs(long.MaxValue, 0, long.MaxValue, 0));
        Refusal("Pad", 13, Attributes(("mode", "edge")), Floats([0, 2]), Longs(1, 0, 0, 0));
        Refusal("Pad", 13, Attributes(("mode", "mirror")), s_data, Longs(1, 0, 0, 0));
        Refusal("Pad", 18, Attributes(), s_data, Longs(1, 0, 1, 0), null, Longs(0, -2));
        Refusal("Pad", 18, Attributes(), s_data, Longs(1, 0), null, Longs(2));
        Refusal("Pad", 13, Attributes(), s_data, Longs(1, 0, 0, 0), Tensor.Scalar(1));
        Assert.Equal("f32[b,s+3]", Infer("Pad", 13, Attributes(), Symbolic(DType.Float32, "b", "s"), Elements(0, 1, 0, 2)).ToString());
    }

    [Theory]
    [InlineData(DType.UInt8)]
    [InlineData(DType.Float16)]
    [InlineData(DType.Float64)]
    [InlineData(DType.Complex128)]
    [InlineData(DType.Int4)]
    public void AgreesWithReference(DType type)
    {
        foreach (string mode in new[] { "constant", "reflect", "edge", "wrap" })
        {
            Run("Pad", 19, Attributes(("mode", mode)), [Iota(type, 2, 3, 4), Longs(1, 0, 2, 0, 3, 1)]);
            Run("Pad", 19, Attributes(("mode", mode)), [Iota(type, 2, 3, 4), Longs(3, 0, 0, 2, 0, 0)]);
            Run("Pad", 19, Attributes(("mode", mode)), [Iota(type, 2, 3, 4), Longs(0, -1, 5, 0, 2, -2)]);
            Run("Pad", 19, Attributes(("mode", mode)), [Iota(type, 1, 1, 1, 7), Longs(0, 1, 1, 9, 0, 1, 2, 13)]);
            Run("Pad", 19, Attributes(("mode", mode)), [Iota(type), Longs()]);
        }
        Run("Pad", 19, Attributes(), [Iota(type, 2, 3), Longs(1, 1, 1, 1), Iota(type, 1)]);
        Run("Pad", 19, Attributes(("mode", "reflect")), [Iota(type, 3, 40, 50), Longs(1, 1, 1, 1, 30, 1)]);
    }
}
