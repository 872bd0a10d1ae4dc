using Ai3.Tensors;
using static Ai3.Ops.Tests.EveryRow;

namespace Ai3.Ops.Tests;

public sealed class PoolingTests
{
    private const double Inf = double.PositiveInfinity;

    [Fact]
    public void MaxPoolTakesTheLargestOfEachWindow()
    {
        var rows = Gives("MaxPool", 12, Attributes(("kernel_shape", (int[])[2, 2])), [Operand.Ramp(1, 1, 3, 3)], [[5, 6, 8, 9]]);
        Assert.Equal(["direct", "direct_nchwc", "reference", "scalar", "van_herk"], rows);
    }

    [Fact]
    public void WindowsThatOverlapSlide()
    {
        // Rows of 1..7 and, below, 70..10 by tens: columns give 70 60 .. 10, windows of 3 their first.
        double[] two = [1, 2, 3, 4, 5, 6, 7, 70, 60, 50, 40, 30, 20, 10];
        var rows = Gives("MaxPool", 12, Attributes(("kernel_shape", (int[])[2, 3])), [new Operand(two, 1, 1, 2, 7)], [[70, 60, 50, 40, 30]]);
        Assert.Contains("van_herk", rows);
        // Sums of a window of 2x3: three of 1..7 and the three below.
        rows = Gives("AveragePool", 11, Attributes(("kernel_shape", (int[])[2, 3]), ("strides", (int[])[1, 2])), [new Operand(two, 1, 1, 2, 7)], [[31, 22, 13]]);
        Assert.Contains("running_sum", rows);
        // 2 apart, 5 long, 2 of padding in front, 1 behind, on 1..9: ends at 3, 5, 7, 9.
        (string, object)[] window = [("kernel_shape", (int[])[5]), ("strides", (int[])[2]), ("pads", (int[])[2, 1])];
        Gives("MaxPool", 12, Attributes(window), [Operand.Ramp(1, 1, 9)], [[3, 5, 7, 9]]);
        Gives("AveragePool", 11, Attributes(window), [Operand.Ramp(1, 1, 9)], [[2, 3, 5, 7]]);
    }

    [Fact]
    public void SlidingSumsForgetWhatLeft() =>
        // Where 1e30 was taken off again, nothing would be left of the ones behind it.
        Gives("AveragePool", 11, Attributes(("kernel_shape", (int[])[2])), [new Operand([1e30f, 1, 1, 1, 1, 3], 1, 1, 6)], [[5e29, 1, 1, 1, 2]], 1e-6);

    [Fact]
    public void MaxPoolPaddingIsBelowEveryElement()
    {
        double[] negative = [-4, -3, -2, -1];
        Gives("MaxPool", 12, Attributes(("kernel_shape", (int[])[3, 3]), ("pads", (int[])[1, 1, 1, 1])), [new Operand(negative, 1, 1, 2, 2)],
            [[-1, -1, -1, -1]]);
    }

    [Fact]
    public void MaxPoolOfPaddingAloneIsMinusInfinity()
    {
        // Windows of 1 at stride 1 with one pad on either side see: pad, 5, 7, pad.
        Gives("MaxPool", 12, Attributes(("kernel_shape", (int[])[1]), ("pads", (int[])[1, 1])), [new Operand([5, 7], 1, 1, 2)], [[-Inf, 5, 7, -Inf]]);
        Gives("MaxPool", 12, Attributes(("kernel_shape", (int[])[1]), ("pads", (int[])[1, 1])),
            [new Operand([5, 7], 1, 1, 2) { Type = DType.Int8 }], [[-128, 5, 7, -128]]);
        Gives("MaxPool", 12, Attributes(("kernel_shape", (int[])[1]), ("pads", (int[])[1, 1])),
            [new Operand([5, 7], 1, 1, 2) { Type = DType.UInt8 }], [[0, 5, 7, 0]]);
    }

    [Fact]
    public void AverageOfPaddingAloneIsNaNUnlessPaddingCounts()
    {
        (string, object)[] window = [("kernel_shape", (int[])[1]), ("pads", (int[])[1, 1])];
        Gives("AveragePool", 11, Attributes(window), [new Operand([5, 7], 1, 1, 2)], [[double.NaN, 5, 7, double.NaN]]);
        Gives("AveragePool", 11, Attributes([.. window, ("count_include_pad", 1)]), [new Operand([5, 7], 1, 1, 2)], [[0, 5, 7, 0]]);
    }

    [Fact]
    public void NaNReachesEveryWindowThatHasIt()
    {
        double[] x = [1, 2, double.NaN, 4, 5, 6];
        Gives("MaxPool", 12, Attributes(("kernel_shape", (int[])[2])), [new Operand(x, 1, 1, 6)], [[2, double.NaN, double.NaN, 5, 6]]);
        Gives("GlobalMaxPool", 1, Ops.Attributes.Empty, [new Operand(x, 1, 1, 6)], [[double.NaN]]);
    }

    [Fact]
    public void CeilModeAddsTheWindowThatBeginsOnTheInput()
    {
        // 4x4, kernel 3, stride 2: ceil(1/2) + 1 = 2 windows; the second sees columns 2 and 3.
        Gives("MaxPool", 10, Attributes(("kernel_shape", (int[])[3, 3]), ("strides", (int[])[2, 2]), ("ceil_mode", 1)), [Operand.Ramp(1, 1, 4, 4)],
            [[11, 12, 15, 16]]);
        Gives("AveragePool", 10, Attributes(("kernel_shape", (int[])[3, 3]), ("strides", (int[])[2, 2]), ("ceil_mode", 1)), [Operand.Ramp(1, 1, 4, 4)],
            [[6, 7.5, 12, 13.5]]);
    }

    [Fact]
    public void CeilModeDropsTheWindowThatBeginsInTheEndPadding()
    {
        // 2x2, kernel 1, stride 2: ceil(1/2) + 1 = 2 windows, but the second begins at 2, past the input.
        Gives("MaxPool", 12, Attributes(("kernel_shape", (int[])[1, 1]), ("strides", (int[])[2, 2]), ("ceil_mode", 1)), [Operand.Ramp(1, 1, 2, 2)], [[1]]);
        Assert.Equal("[1,1,2]", InferredShape("MaxPool", 12, Attributes(("kernel_shape", (int[])[3]), ("strides", (int[])[3]), ("pads", (int[])[1, 1]),
            ("ceil_mode", 1)), 1, 1, 5));
    }

    [Fact]
    public void PaddingCountsOnlyUpToItsEnd()
    {
        // Padded: 0 1 2 3 4 0. Kernel 3, stride 2, ceil: the last window sees 4, the padding, and one place past it.
        (string, object)[] window = [("kernel_shape", (int[])[3]), ("strides", (int[])[2]), ("pads", (int[])[1, 1]), ("ceil_mode", 1)];
        Gives("AveragePool", 11, Attributes(window), [Operand.Ramp(1, 1, 4)], [[1.5, 3, 4]]);
        Gives("AveragePool", 11, Attributes([.. window, ("count_include_pad", 1)]), [Operand.Ramp(1, 1, 4)], [[1, 3, 2]]);
    }

    [Fact]
    public void AsymmetricPadsCountOnTheirOwnSide()
    {
        // Padded: 0 0 / 1 2 / 3 4 with a column of zeros behind. Kernel 2x2.
        (string, object)[] window = [("kernel_shape", (int[])[2, 2]), ("pads", (int[])[1, 0, 0, 1])];
        Gives("AveragePool", 7, Attributes([.. window, ("count_include_pad", 1)]), [Operand.Ramp(1, 1, 2, 2)], [[0.75, 0.5, 2.5, 1.5]]);
        Gives("AveragePool", 7, Attributes(window), [Operand.Ramp(1, 1, 2, 2)], [[1.5, 2, 2.5, 3]]);
    }

    [Fact]
    public void DilationSpreadsTheTaps()
    {
        Gives("MaxPool", 12, Attributes(("kernel_shape", (int[])[2, 2]), ("dilations", (int[])[2, 2])), [Operand.Ramp(1, 1, 4, 4)], [[11, 12, 15, 16]]);
        Gives("AveragePool", 19, Attributes(("kernel_shape", (int[])[2, 2]), ("dilations", (int[])[2, 2])), [Operand.Ramp(1, 1, 4, 4)], [[6, 7, 10, 11]]);
    }

    [Theory]
    [InlineData("SAME_UPPER", new double[] { 2, 4, 5 })]
    [InlineData("SAME_LOWER", new double[] { 1, 3, 5 })]
    [InlineData("VALID", new double[] { 2, 4 })]
    public void AutoPadPlacesTheOddOne(string autoPad, double[] expected) =>
        Gives("MaxPool", 12, Attributes(("kernel_shape", (int[])[2]), ("strides", (int[])[2]), ("auto_pad", autoPad)), [Operand.Ramp(1, 1, 5)], [expected]);

    [Fact]
    public void IndicesCountTheWholeTensorInEitherOrder()
    {
        double[] x = [1, 9, 2, 3, 9, 9, 4, 5, 6, 7, 8, 0];
        var rows = Gives("MaxPool", 12, Attributes(("kernel_shape", (int[])[2, 2])), [new Operand(x, 1, 2, 2, 3)], [[9, 9, 8, 8], [1, 1, 10, 10]]);
        Assert.Equal(["reference", "scalar"], rows);
        Gives("MaxPool", 12, Attributes(("kernel_shape", (int[])[2, 2]), ("storage_order", 1)), [new Operand(x, 1, 2, 2, 3)], [[9, 9, 8, 8], [2, 2, 9, 9]]);
        // One window that is the whole map.
        Gives("MaxPool", 12, Attributes(("kernel_shape", (int[])[2, 3]), ("storage_order", 1)), [new Operand(x, 1, 2, 2, 3)], [[9, 8], [2, 9]]);
    }

    [Fact]
    public void ColumnMajorIndicesOfAWholePlaneCountItsFirstAxisFastest()
    {
        // The maximum at (0, 1) of a 2x2 plane is element 0 + 2 * 1, at (1, 2, 0) of a 2x3x2 one it is 1 + 2 * (2 + 3 * 0).
        double[] corner = [1, 9, 2, 3], depth = [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 9, 5];
        var rows = Gives("MaxPool", 12, Attributes(("kernel_shape", (int[])[2, 2]), ("storage_order", 1)), [new Operand(corner, 1, 1, 2, 2)], [[9], [2]]);
        Assert.Equal(["reference", "scalar"], rows);
        Gives("MaxPool", 12, Attributes(("kernel_shape", (int[])[2, 3, 2]), ("storage_order", 1)), [new Operand(depth, 1, 1, 2, 3, 2)], [[9], [5]]);
        Gives("MaxPool", 12, Attributes(("kernel_shape", (int[])[2, 2])), [new Operand(corner, 1, 1, 2, 2)], [[9], [1]]);
    }

    [Fact]
    public void AllSpatialRanksAndTypesArePooled()
    {
        Gives("MaxPool", 12, Attributes(("kernel_shape", (int[])[2, 2, 2])), [Operand.Ramp(1, 1, 2, 2, 3)], [[11, 12]]);
        Gives("AveragePool", 12, Attributes(("kernel_shape", (int[])[2, 2, 2])), [Operand.Ramp(1, 1, 2, 2, 3)], [[6, 7]]);
        Gives("AveragePool", 12, Attributes(("kernel_shape", (int[])[1, 1, 1, 2])), [Operand.Ramp(1, 1, 1, 1, 1, 3)], [[1.5, 2.5]]);
        foreach (DType type in new[] { DType.Float64, DType.Float16, DType.BFloat16 })
            Gives("AveragePool", 22, Attributes(("kernel_shape", (int[])[2])), [Operand.Ramp(1, 2, 2) with { Type = type }], [[1.5, 3.5]]);
    }

    [Fact]
    public void LpPoolTakesTheRootOfPowers()
    {
        Gives("LpPool", 18, Attributes(("kernel_shape", (int[])[2])), [new Operand([3, -4, 0], 1, 1, 3)], [[5, 4]]);
        var rows = Gives("LpPool", 18, Attributes(("kernel_shape", (int[])[2]), ("p", 1)), [new Operand([3, -4, 0], 1, 1, 3)], [[7, 4]]);
        Assert.Contains("direct", rows);
        Gives("LpPool", 1, Attributes(("kernel_shape", (int[])[2]), ("p", 3f)), [new Operand([1, 2, -2], 1, 1, 3)],
            [[Math.Cbrt(9), Math.Cbrt(16)]], 1e-7);
        Gives("GlobalLpPool", 2, Attributes(("p", 1)), [new Operand([3, -4, 0], 1, 1, 3)], [[7]]);
    }

    [Fact]
    public void GlobalPoolsReduceEachChannel()
    {
        var rows = Gives("GlobalAveragePool", 1, Ops.Attributes.Empty, [Operand.Ramp(2, 1, 2, 2)], [[2.5, 6.5]]);
        Assert.Contains("global", rows);
        Gives("GlobalMaxPool", 1, Ops.Attributes.Empty, [Operand.Ramp(1, 2, 1, 2, 1, 2)], [[4, 8]]);
        Gives("GlobalAveragePool", 1, Ops.Attributes.Empty, [new Operand([], 1, 1, 0)], [[double.NaN]]);
        double[] five = [.. Enumerable.Range(0, 5000).Select(i => (double)(i % 3))];
        Gives("GlobalAveragePool", 1, Ops.Attributes.Empty, [new Operand(five, 1, 1, 5000)], [[(float)(five.Sum() / 5000)]], 1e-7);
    }

    [Fact]
    public void EmptyBatchesAndChannelsGiveEmptyOutputs() =>
        Gives("MaxPool", 12, Attributes(("kernel_shape", (int[])[2])), [new Operand([], 0, 3, 4)], [[]]);

    [Fact]
    public void OutputDimensionsFollowSymbols()
    {
        Dim h = Dim.Symbol("h");
        Dim n = Dim.Symbol("n");
        Assert.Equal(SymbolicShape.Create(n, 3, h, Dim.FloorDiv(h - 3, 2) + 1).ToString(),
            InferredShape("MaxPool", 12, Attributes(("kernel_shape", (int[])[3, 3]), ("strides", (int[])[1, 2]), ("pads", (int[])[1, 0, 1, 0])), n, 3, h, h));
        Assert.Equal(SymbolicShape.Create(1, 3, Dim.CeilDiv(h, 2)).ToString(),
            InferredShape("MaxPool", 12, Attributes(("kernel_shape", (int[])[3]), ("strides", (int[])[2]), ("auto_pad", "SAME_UPPER")), 1, 3, h));
        Assert.Equal("[1,3,fresh]",
            InferredShape("MaxPool", 12, Attributes(("kernel_shape", (int[])[1]), ("strides", (int[])[2]), ("ceil_mode", 1)), 1, 3, h));
        Assert.Equal("[1,3,1,1]", InferredShape("GlobalMaxPool", 12, Ops.Attributes.Empty, 1, 3, h, h));
    }

    [Theory]
    [InlineData("kernel_shape", new[] { 0, 0 })]
    [InlineData("kernel_shape", new[] { 2 })]
    [InlineData("kernel_shape", new[] { -1, 2 })]
    [InlineData("kernel_shape", new[] { 2, 2, 2 })]
    [InlineData("kernel_shape", new int[0])]
    [InlineData("kernel_shape", new[] { 5, 5 })]
    [InlineData("kernel_shape", new[] { int.MaxValue, 1 })]
    [InlineData("strides", new[] { 0, 1 })]
    [InlineData("strides", new[] { 1 })]
    [InlineData("dilations", new[] { 1, 0 })]
    [InlineData("dilations", new[] { int.MaxValue, int.MaxValue })]
    [InlineData("pads", new[] { -1, 0, 0, 0 })]
    [InlineData("pads", new[] { 1, 1 })]
    public void HostileWindowsAreRefused(string name, int[] values)
    {
        Attributes attributes = Attributes(("kernel_shape", (int[])[2, 2]), (name, values));
        Assert.Throws<OpException>(() => InferredShape("MaxPool", 12, attributes, 1, 1, 4, 4));
    }

    [Fact]
    public void OtherMistakesAreRefused()
    {
        Attributes window = Attributes(("kernel_shape", (int[])[2]));
        Assert.Throws<OpException>(() => InferredShape("MaxPool", 12, Ops.Attributes.Empty, 1, 1, 4));
        Assert.Throws<OpException>(() => InferredShape("MaxPool", 12, window, 1, 4));
        Assert.Throws<OpException>(() => InferredShape("MaxPool", 12, window.With("auto_pad", "SOME"), 1, 1, 4));
        Assert.Throws<OpException>(() => InferredShape("LpPool", 2, window.With("p", 0L), 1, 1, 4));
        Assert.Throws<OpException>(() => InferredShape("GlobalMaxPool", 1, Ops.Attributes.Empty, 1, 4));
        Assert.Throws<OpException>(() =>
            Find("AveragePool", 11).Infer(Node(11, window, 1, new Operand([1, 2], 1, 1, 2) { Type = DType.Int8 })));
    }
}
