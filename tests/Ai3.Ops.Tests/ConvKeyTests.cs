namespace Ai3.Ops.Tests;

/// <summary>The text of a convolution and back.</summary>
public class ConvKeyTests
{
    [Theory]
    [InlineData("conv/f32 n1 c256 28x28 m256 k3x3 s1 p1 g1 relu")]
    [InlineData("conv/f32 n1 c3 224x224 m64 k7x7 s2 p3 g1 b")]
    [InlineData("conv/f16 n2 c4 9 m8 k3 s1 p0:1 g2 b add clip(0,6)")]
    [InlineData("conv/bf16 n0 c4 1x2x3 m8 k1x2x3 s1x2x3 p0x1x2:2x1x0 d3x2x1 g4 dyn")]
    [InlineData("conv/f64 n1 c8 5x5 m8 k1x1 s1 p0 g1 bn+relu add hardswish dyn")]
    [InlineData("conv/f32 n1 c8 5x5 m8 k1x1 s1 p0 d2x1 g1 b bn")]
    public void RoundTrips(string key) => Assert.Equal(key, ConvOp.Definition.ParseProblem(key)?.Key);

    [Theory]
    [InlineData("gemm/f32 n1 c256 28x28 m256 k3x3 s1 p1 g1")]
    [InlineData("conv/f32 n1 c256 28x28 m256 k3x3 s1 p1")]
    [InlineData("conv/f32 n1 c256 28x28 m256 k3x3x3 s1 p1 g1")]
    [InlineData("conv/f32 n1 c4 2x2 m4 k3x3 s1 p0 g1")]
    [InlineData("conv/f32 n1 c4 2x2 m4 k1x1 s0 p0 g1")]
    [InlineData("conv/f32 n1 c4 2x2 m4 k1x1 s1 p0 g3")]
    [InlineData("conv/f32 n1 c4 2x2 m4 k1x1 s1 p-1 g1")]
    [InlineData("conv/i32 n1 c4 2x2 m4 k1x1 s1 p0 g1")]
    [InlineData("conv/f32 n1 c4 2x2 m4 k1x1 s1 p0 g1 nonsense")]
    [InlineData("conv/f32 n9 c9223372036854775807 2x2 m4 k1x1 s1 p0 g1")]
    public void RejectsWhatIsNoConvolution(string key) => Assert.Null(ConvOp.Definition.ParseProblem(key));

    [Fact]
    public void StatesItsFlopsAndShapes()
    {
        var p = (ConvProblem)ConvOp.Definition.ParseProblem("conv/f32 n2 c6 9x5 m4 k3x1 s2x1 p1x0 g2 b add")!;
        Assert.Equal("[2,6,9,5]", p.Inputs[0].Shape.ToString());
        Assert.Equal("[4,3,3,1]", p.Inputs[1].Shape.ToString());
        Assert.Equal("[4]", p.Inputs[2].Shape.ToString());
        Assert.Equal("[2,4,5,5]", p.Inputs[3].Shape.ToString());
        Assert.Equal("[2,4,5,5]", p.Outputs[0].Shape.ToString());
        Assert.Equal(2.0 * 2 * 4 * 25 * 9, p.Flops);
    }
}
