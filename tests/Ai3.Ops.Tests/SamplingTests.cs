using Ai3.Tensors;

namespace Ai3.Ops.Tests;

public sealed class SamplingTests
{
    private static readonly Operand s_square = new([1, 2, 3, 4], 1, 1, 2, 2);

    [Fact]
    public void GridSampleReadsBetweenSamples() => EveryRow.Gives("GridSample", 20, EveryRow.Attributes(("align_corners", 1)),
        [s_square, new Operand([-1, -1, 0, 0, 1, -1, 0, 1], 1, 1, 4, 2)], [[1, 2.5, 2, 3.5]], 1e-6);

    [Theory]
    [InlineData("zeros", 0)]
    [InlineData("border", 2)]
    [InlineData("reflection", 1)]
    public void GridSamplePads(string padding, double outside) => EveryRow.Gives("GridSample", 20, EveryRow.Attributes(("align_corners", 1), ("mode", "nearest"), ("padding_mode", padding)),
        [s_square, new Operand([3, -1], 1, 1, 1, 2)], [[outside]]);

    [Fact]
    public void GridSampleOfNaNIsNaN() => EveryRow.Gives("GridSample", 20, EveryRow.Attributes(), [s_square, new Operand([double.NaN, 0], 1, 1, 1, 2)], [[double.NaN]]);

    [Fact]
    public void AffineGridOfTheIdentityIsEven() => EveryRow.Gives("AffineGrid", 20, EveryRow.Attributes(),
        [new Operand([1, 0, 0, 0, 1, 0], 1, 2, 3), Longs(1, 1, 2, 2)], [[-0.5, -0.5, 0.5, -0.5, -0.5, 0.5, 0.5, 0.5]], 1e-6);

    [Fact]
    public void RoiAlignTakesMeans() => EveryRow.Gives("RoiAlign", 16, EveryRow.Attributes(("sampling_ratio", 2), ("coordinate_transformation_mode", "output_half_pixel")),
        [s_square, new Operand([0, 0, 1, 1], 1, 4), new Operand([0], 1) { Type = DType.Int64 }], [[2.5]], 1e-6);

    [Fact]
    public void RoiAlignRefusesAnImageThatIsNotThere() => Assert.Throws<OpException>(() => EveryRow.Gives("RoiAlign", 16, EveryRow.Attributes(),
        [s_square, new Operand([0, 0, 1, 1], 1, 4), new Operand([1], 1) { Type = DType.Int64 }], [[0]]));

    [Fact]
    public void MaxRoiPoolTakesTheLargest() => EveryRow.Gives("MaxRoiPool", 1, EveryRow.Attributes(("pooled_shape", new[] { 1, 2 })),
        [s_square, new Operand([0, 0, 0, 1, 1], 1, 5)], [[3, 4]]);

    [Fact]
    public void MaxUnpoolPutsElementsBack() => EveryRow.Gives("MaxUnpool", 11, EveryRow.Attributes(("kernel_shape", new[] { 2, 2 }), ("strides", new[] { 2, 2 })),
        [new Operand([7, 8], 1, 1, 1, 2), new Operand([5, 2], 1, 1, 1, 2) { Type = DType.Int64 }], [[0, 0, 8, 0, 0, 7, 0, 0]]);

    [Fact]
    public void MaxUnpoolRefusesAnIndexOutside() => Assert.Throws<OpException>(() => EveryRow.Gives("MaxUnpool", 11, EveryRow.Attributes(("kernel_shape", new[] { 2, 2 }), ("strides", new[] { 2, 2 })),
        [new Operand([7, 8], 1, 1, 1, 2), new Operand([5, 8], 1, 1, 1, 2) { Type = DType.Int64 }], [[0, 0, 8, 0, 0, 7, 0, 0]]));

    [Fact]
    public void Col2ImAddsOverlappingBlocks() => EveryRow.Gives("Col2Im", 18, EveryRow.Attributes(), [new Operand([1, 2, 3, 4], 1, 2, 2), Longs(3, 1), Longs(2, 1)], [[1, 5, 4]]);

    [Fact]
    public void DeformConvWithoutOffsetsIsAConvolution() => EveryRow.Gives("DeformConv", 19, EveryRow.Attributes(),
        [s_square, new Operand([1, 10, 100, 1000], 1, 1, 2, 2), new Operand(new double[8], 1, 8, 1, 1)], [[4321]], 1e-6);

    [Fact]
    public void DeformConvMovesATap() => EveryRow.Gives("DeformConv", 19, EveryRow.Attributes(),
        [s_square, new Operand([1, 10, 100, 1000], 1, 1, 2, 2), new Operand([0.5, 0, 0, 0, 0, 0, 5, 0], 1, 8, 1, 1)], [[2 + 20 + 300]], 1e-6);

    [Fact]
    public void CenterCropPadKeepsTheMiddle()
    {
        EveryRow.Gives("CenterCropPad", 18, EveryRow.Attributes(), [new Operand([1, 2, 3, 4], 4), Longs(1)], [[2]]);
        EveryRow.Gives("CenterCropPad", 18, EveryRow.Attributes(), [new Operand([1, 2], 2), Longs(5)], [[0, 1, 2, 0, 0]]);
    }

    private static Operand Longs(params long[] values) => new([.. values.Select(v => (double)v)], values.Length) { Type = DType.Int64, IsConstant = true };
}
