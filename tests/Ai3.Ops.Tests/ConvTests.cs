namespace Ai3.Ops.Tests;

/// <summary>Conv on values written out by hand, every row, level and layout.</summary>
public class ConvTests
{
    private static readonly float[] s_ones9 = [1, 1, 1, 1, 1, 1, 1, 1, 1];

    [Fact]
    public void SumsTheWindowAndSkipsPadding() => ConvRunner.Expect("conv/f32 n1 c1 3x3 m1 k3x3 s1 p1 g1",
        [12, 21, 16, 27, 45, 33, 24, 39, 28],
        [1, 2, 3, 4, 5, 6, 7, 8, 9], s_ones9, null);

    [Fact]
    public void DoesNotFlipTheKernel() => ConvRunner.Expect("conv/f32 n1 c1 1x3 m1 k1x2 s1 p0 g1", [1 * 4 + 2 * 8, 2 * 4 + 3 * 8], [1, 2, 3], [4, 8], null);

    [Fact]
    public void StridesDilatesAndPadsEachEndByItself() => ConvRunner.Expect("conv/f32 n1 c1 4x5 m1 k2x2 s2x1 p1x0:0x2 d1x2 g1",
        [1 + 3, 2 + 4, 3 + 5, 4, 5, 6 + 11 + 8 + 13, 7 + 12 + 9 + 14, 8 + 13 + 10 + 15, 9 + 14, 10 + 15],
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20],
        [1, 1, 1, 1], null);

    [Fact]
    public void GroupsReadTheirOwnChannels() => ConvRunner.Expect("conv/f32 n1 c4 1x1 m2 k1x1 s1 p0 g2 b",
        [1 * 1 + 2 * 10 + 100, 3 * 1 + 4 * -1 + 200],
        [1, 2, 3, 4], [1, 10, 1, -1], [100, 200]);

    [Fact]
    public void DepthwiseKeepsChannelsApart() => ConvRunner.Expect("conv/f32 n1 c2 1x2 m2 k1x3 s1 p0x1 g2",
        [1 * 2 + 2 * 3, 1 * 1 + 2 * 2, 3 * 20 + 4 * 30, 3 * 10 + 4 * 20],
        [1, 2, 3, 4], [1, 2, 3, 10, 20, 30], null);

    [Fact]
    public void BatchesOneDimensionalSignals() => ConvRunner.Expect("conv/f32 n2 c1 3 m1 k2 s1 p0 g1", [3, 5, 30, 50], [1, 2, 3, 10, 20, 30], [1, 1], null);

    [Fact]
    public void SumsVolumes() => ConvRunner.Expect("conv/f32 n1 c1 2x2x2 m1 k2x2x2 s1 p0 g1 b", [36 + 1], [1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 1, 1, 1, 1, 1, 1], [1]);

    [Fact]
    public void DilatesVolumesOnEveryAxis() => ConvRunner.Expect("conv/f32 n1 c1 3x3x3 m1 k2x2x2 s1 p0 d2 g1",
        [1 + 3 + 7 + 9 + 19 + 21 + 25 + 27], [.. Enumerable.Range(1, 27).Select(i => (float)i)], [1, 1, 1, 1, 1, 1, 1, 1], null);

    [Fact]
    public void AddsResidualThenClamps() => ConvRunner.Expect("conv/f32 n1 c1 1x3 m1 k1x1 s1 p0 g1 b add clip(0,6)",
        [0, 5, 6], [1, 2, 3], [2], [1], [-10, 0, 10]);

    [Fact]
    public void ScalesAndShiftsBeforePadding() => ConvRunner.Expect("conv/f32 n1 c1 1x2 m1 k1x3 s1 p0x1 g1 bn+relu relu",
        [0 + 9, 0 + 9], [-1, 2], [1, 1, 1], null, [4], [1]);

    [Fact]
    public void OutputsThatMeetOnlyPaddingAreTheBias() => ConvRunner.Expect("conv/f32 n1 c1 0x1 m2 k1x1 s1 p1x0 g1 b relu", [0, 0, 7, 7], [], [1, 1], [-3, 7]);

    [Fact]
    public void EmptyBatchGivesNothing() => ConvRunner.Expect("conv/f32 n0 c1 2x2 m1 k1x1 s1 p0 g1", [], [], [1], null);

    [Fact]
    public void WeightsThatAreNotConstantArePackedInTheRun() => ConvRunner.Expect("conv/f32 n1 c1 3x3 m1 k3x3 s1 p1 g1 dyn",
        [12, 21, 16, 27, 45, 33, 24, 39, 28],
        [1, 2, 3, 4, 5, 6, 7, 8, 9], s_ones9, null);

    [Theory]
    [InlineData("winograd_f2x2_3x3", "conv/f32 n1 c4 9x9 m4 k5x5 s1 p0 g1", "kernel is 5x5, needs 3x3")]
    [InlineData("winograd_f2x2_3x3", "conv/f32 n1 c4 9x9 m4 k3x3 s2 p0 g1", "strides are 2x2, needs 1x1")]
    [InlineData("fft_tiled", "conv/f32 n1 c4 99x99 m4 k65x3 s1 p0 g1", "kernel covers 65x3, needs at most 64x64")]
    [InlineData("strassen_pointwise", "conv/f32 n1 c64 16x16 m128 k1x1 s1 p0 g1", "M x N x K is 128 x 256 x 64, needs 128 to 1073741823 of each")]
    [InlineData("depthwise", "conv/f32 n1 c4 9x9 m8 k3x3 s1 p0 g4", "4 to 8 channels in 4 groups, needs one input and one output channel a group")]
    [InlineData("direct", "conv/f64 n1 c4 9x9 m8 k3x3 s1 p0 g4", "element type is f64, needs f32")]
    public void RefusalsSayWhy(string row, string key, string reason) => Assert.Equal(reason, ConvRunner.RefusalOf(row, key));

    [Fact]
    public void EveryRowAppliesSomewhere()
    {
        string[] keys = ["conv/f32 n1 c16 8x8 m16 k3x3 s1 p1 g1", "conv/f32 n1 c16 8x8 m16 k1x1 s1 p0 g16", "conv/f32 n1 c128 16x8 m128 k1x1 s1 p0 g1"];
        string[] names = [.. keys.SelectMany(ConvRunner.Names)];
        Assert.Equal(ConvAlgorithms.All.Select(r => r.Name).Order(), names.Distinct().Order());
    }
}
