using Ai3.Tensors;

namespace Ai3.Ops.Tests;

public sealed class ResizeTests
{
    private static readonly Operand s_square = new([1, 2, 3, 4], 1, 1, 2, 2);

    private static readonly Operand s_eight = new([1, 2, 3, 4, 5, 6, 7, 8], 1, 1, 2, 4);

    [Fact]
    public void NearestRepeatsSamples() => EveryRow.Gives("Resize", 13, EveryRow.Attributes(), [s_square, null, Scales(1, 1, 2, 3)],
        [[1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 3, 3, 3, 4, 4, 4]]);

    [Fact]
    public void NearestOfOpset10RoundsUpWhereItShrinks() => EveryRow.Gives("Resize", 10, EveryRow.Attributes(), [s_eight, Scales(1, 1, 0.6f, 0.6f)], [[1, 3]]);

    [Fact]
    public void UpsampleTakesAttributesThenAnInput()
    {
        EveryRow.Gives("Upsample", 9, EveryRow.Attributes(("mode", "nearest")), [s_square, Scales(1, 1, 1, 2)], [[1, 1, 2, 2, 3, 3, 4, 4]]);
        EveryRow.Gives("Upsample", 7, EveryRow.Attributes(("mode", "linear"), ("scales", System.Collections.Immutable.ImmutableArray.Create(1f, 1f, 1f, 2f))), [s_square],
            [[1, 1.5, 2, 2, 3, 3.5, 4, 4]], 1e-6);
    }

    [Fact]
    public void LinearTakesThePixelsCentres() => EveryRow.Gives("Resize", 13, EveryRow.Attributes(("mode", "linear")), [s_square, null, Scales(1, 1, 2, 2)],
        [[1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3, 3.25, 3.75, 4]], 1e-6);

    [Fact]
    public void AlignedCornersFollowTheLengthThatTheScaleGives() => EveryRow.Gives("Resize", 19,
        EveryRow.Attributes(("mode", "linear"), ("coordinate_transformation_mode", "align_corners")), [s_eight, null, Scales(1, 1, 0.6f, 0.6f)], [[1, 1 + 3 / 1.4]], 1e-6);

    [Fact]
    public void CropTakesTheExtrapolationValueOutside() => EveryRow.Gives("Resize", 13,
        EveryRow.Attributes(("mode", "linear"), ("coordinate_transformation_mode", "tf_crop_and_resize"), ("extrapolation_value", 10f)),
        [new Operand([1, 2, 3, 4], 4), new Operand([-0.5, 1.5], 2) { IsConstant = true }, null, Sizes(5)], [[10, 1, 2.5, 4, 10]], 1e-6);

    [Fact]
    public void AspectRatioDecidesTheSize() => Assert.Equal("[1,1,3,6]", Infer(18, EveryRow.Attributes(("axes", new[] { 2, 3 }), ("keep_aspect_ratio_policy", "not_larger")),
        s_eight, null, null, Sizes(7, 6)));

    [Fact]
    public void AntialiasWidensTheFilter() => EveryRow.Gives("Resize", 18, EveryRow.Attributes(("mode", "linear"), ("antialias", 1)),
        [new Operand([1, 2, 3, 4], 4), null, Scales(0.5f)], [[1.625, 3.375]], 1e-6);

    [Fact]
    public void SymbolicDimensionsAreScaled()
    {
        TensorFact x = new(DType.Float32, [1, 3, Dim.Symbol("h"), Dim.Symbol("w")]);
        OpDefinition op = EveryRow.Find("Resize", 13);
        TensorFact scales = TensorFact.OfConstant(Tensor.Copy<float>([1, 1, 2, 2], [4]));
        var node = new NodeFacts(EveryRow.Attributes(), 13, [x, null, scales], 1, () => Dim.Symbol("fresh"));
        Assert.Equal("[1,3,2*h,2*w]", ((TensorFact)op.Infer(node)[0]).Shape!.ToString());
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(0f)]
    [InlineData(-1f)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(1e30f)]
    public void UselessScalesAreRefused(float scale)
    {
        OpException refusal = Assert.Throws<OpException>(() => Infer(13, EveryRow.Attributes(), s_square, null, Scales(1, 1, 1, scale)));
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void OneOfScalesAndSizesIsGiven()
    {
        Assert.Throws<OpException>(() => Infer(13, EveryRow.Attributes(), s_square, null, Scales(1, 1, 1, 2), Sizes(1, 1, 2, 2)));
        Assert.Throws<OpException>(() => Infer(13, EveryRow.Attributes(), s_square));
    }

    private static string Infer(int opset, Attributes attributes, params Operand?[] inputs) =>
        ((TensorFact)EveryRow.Find("Resize", opset).Infer(EveryRow.Node(opset, attributes, 1, inputs))[0]).Shape!.ToString();

    private static Operand Scales(params float[] scales) => new([.. scales.Select(s => (double)s)], scales.Length) { IsConstant = true };

    private static Operand Sizes(params long[] sizes) => new([.. sizes.Select(s => (double)s)], sizes.Length) { Type = DType.Int64, IsConstant = true };
}
