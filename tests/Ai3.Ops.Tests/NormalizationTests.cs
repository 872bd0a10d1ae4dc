using Ai3.Tensors;
using static Ai3.Ops.Tests.EveryRow;

namespace Ai3.Ops.Tests;

public sealed class NormalizationTests
{
    private const double U = 1.0 / (1 << 24);

    private static readonly Attributes s_noEpsilon = Attributes(("epsilon", 0f));

    [Fact]
    public void BatchNormalizationUsesGivenStatistics()
    {
        // scale / sqrt(variance) is 2 / 2 = 1 and 3 / 0.5 = 6.
        Operand x = new([1, 2, 3, 4, 5, 6, 7, 8], 2, 2, 2), scale = new([2, 3], 2), bias = new([10, 20], 2), mean = new([1, 3], 2), variance = new([4, 0.25], 2);
        double[] expected = [10, 11, 20, 26, 14, 15, 44, 50];
        var rows = Gives("BatchNormalization", 15, s_noEpsilon, [x, scale, bias, mean, variance], [expected]);
        Assert.Equal(["reference", "scalar", "simd"], rows);
        Gives("BatchNormalization", 15, s_noEpsilon,
            [x with { Type = DType.Float16 }, scale with { Type = DType.Float16 }, bias with { Type = DType.Float16 }, mean, variance], [expected]);
        // Channels innermost.
        Gives("BatchNormalization", 9, s_noEpsilon, [new Operand([1, 2, 3, 4], 2, 2), scale, bias, mean, variance], [[10, 14, 12, 26]]);
    }

    [Fact]
    public void BatchNormalizationOfOneAxisHasOneChannel() => Gives("BatchNormalization", 9, s_noEpsilon,
        [new Operand([1, 2, 3], 3), new Operand([2], 1), new Operand([1], 1), new Operand([2], 1), new Operand([4], 1)], [[0, 1, 2]]);

    [Fact]
    public void OldBatchNormalizationMayHaveStatisticsForEachElement() => Gives("BatchNormalization", 7, s_noEpsilon.With("spatial", 0L),
        [new Operand([1, 2, 3, 4], 2, 1, 2), new Operand([1, 2], 1, 2), new Operand([0, 10], 1, 2), new Operand([1, 1], 1, 2), new Operand([1, 1], 1, 2)],
        [[0, 12, 2, 16]]);

    [Fact]
    public void BatchNormalizationKeepsWhatLargeMeansLeave() => Gives("BatchNormalization", 15, s_noEpsilon,
        [new Operand([10000001, 10000002, 10000003], 1, 1, 3), new Operand([1], 1), new Operand([0], 1), new Operand([10000002], 1), new Operand([1], 1)],
        [[-1, 0, 1]]);

    [Fact]
    public void BatchNormalizationRefusesTrainingAndWrongShapes()
    {
        Operand x = Operand.Ramp(1, 2, 2), two = new([1, 1], 2), three = new([1, 1, 1], 3);
        Assert.Throws<OpUnsupportedException>(() => Find("BatchNormalization", 9).Infer(Node(9, Ops.Attributes.Empty, 3, x, two, two, two, two)));
        Assert.Throws<OpUnsupportedException>(() => Find("BatchNormalization", 9).Infer(Node(9, Ops.Attributes.Empty, 5, x, two, two, two, two)));
        Assert.Throws<OpException>(() => Find("BatchNormalization", 9).Infer(Node(9, Ops.Attributes.Empty, 1, x, two, three, two, two)));
    }

    [Fact]
    public void LrnSumsSquaresOfNeighbouringChannels()
    {
        // size 3, alpha / size = 1: 1 + (1 + 4), 1 + (1 + 4 + 9), 1 + (4 + 9); beta 1 divides by them.
        Operand x = new([1, 2, 3], 1, 3, 1);
        var rows = Gives("LRN", 13, Attributes(("size", 3), ("alpha", 3f), ("beta", 1f)), [x], [[1 / 6.0, 2 / 15.0, 3 / 14.0]], 1e-7);
        Assert.Equal(["direct", "reference", "scalar"], rows);
        Gives("LRN", 13, Attributes(("size", 3), ("alpha", 3f)), [x], [[Math.Pow(6, -0.75), 2 * Math.Pow(15, -0.75), 3 * Math.Pow(14, -0.75)]], 2e-7);
        Gives("LRN", 13, Attributes(("size", 3), ("alpha", 3f), ("beta", 0.5f)), [x], [[Math.Pow(6, -0.5), 2 * Math.Pow(15, -0.5), 3 * Math.Pow(14, -0.5)]], 2e-7);
        Gives("LRN", 13, Attributes(("size", 3), ("alpha", 3f), ("beta", 2f)), [x], [[1 / 36.0, 2 / 225.0, 3 / 196.0]], 2e-7);
        // An even size reaches one channel further behind: 1 + (1 + 4), 1 + (4 + 9), 1 + 9.
        Gives("LRN", 13, Attributes(("size", 2), ("alpha", 2f), ("beta", 1f)), [x], [[1 / 6.0, 2 / 14.0, 3 / 10.0]], 1e-7);
        // Larger than the channels there are.
        Gives("LRN", 13, Attributes(("size", 1000), ("alpha", 1000f), ("beta", 1f)), [x], [[1 / 15.0, 2 / 15.0, 3 / 15.0]], 2e-7);
        Assert.Throws<OpException>(() => InferredShape("LRN", 13, Attributes(("size", 0)), 1, 3, 1));
        Assert.Throws<OpException>(() => InferredShape("LRN", 13, Attributes(("size", 1)), 3));
    }

    [Fact]
    public void LayerNormalizationScalesEachRowAndGivesItsStatistics()
    {
        // Rows 1 3 and 2 6: means 2 and 4, deviations 1 and 2.
        Operand x = new([1, 3, 2, 6], 2, 2), scale = new([10, 100], 2), bias = new([1, 2], 2);
        double[] expected = [-9, 102, -9, 102];
        var rows = Gives("LayerNormalization", 17, s_noEpsilon, [x, scale, bias], [expected, [2, 4], [1, 0.5]]);
        Assert.Equal(["one_pass", "reference", "scalar", "two_pass", "welford"], rows);
        Gives("LayerNormalization", 17, s_noEpsilon, [x, scale, null], [[-10, 100, -10, 100]]);
        Gives("LayerNormalization", 17, s_noEpsilon.With("axis", 0L), [new Operand([1, 3, 1, 3], 2, 2), scale, bias], [[-9, 102, -9, 102], [2], [1]]);
        Gives("LayerNormalization", 17, s_noEpsilon, [x with { Type = DType.Float16 }, scale with { Type = DType.Float16 }, bias with { Type = DType.Float16 }],
            [expected, [2, 4], [1, 0.5]]);
    }

    [Fact]
    public void LayerNormalizationKeepsWhatLargeMeansLeave()
    {
        // 9000 elements, more than two blocks, in turn one below and one above 10^7; and a first element that is far from all others.
        double[] x = [.. Enumerable.Range(0, 9000).Select(i => 10000000.0 + (i % 2 == 0 ? -1 : 1))];
        Gives("LayerNormalization", 17, s_noEpsilon, [new Operand(x, 1, 9000), new Operand([1], 1), null],
            [[.. Enumerable.Range(0, 9000).Select(i => i % 2 == 0 ? -1.0 : 1)], [1e7], [1]], 1e-6);
        // 1e6 and four zeros: mean 2e5, deviation 4e5.
        Gives("LayerNormalization", 17, s_noEpsilon, [new Operand([1e6, 0, 0, 0, 0], 1, 5), new Operand([1], 1), null], [[2, -0.5, -0.5, -0.5, -0.5], [2e5], [2.5e-6]], 1e-6);
    }

    [Fact]
    public void LayerNormalizationBroadcastsScaleAndBias()
    {
        // One row, 1 3 / 1 3: mean 2, deviation 1. Scale along the first axis, bias along the second.
        Gives("LayerNormalization", 17, s_noEpsilon.With("axis", 0L), [new Operand([1, 3, 1, 3], 2, 2), new Operand([2, 3], 2, 1), new Operand([10, 20], 2)],
            [[8, 22, 7, 23]]);
        // Rows of their own scale.
        Gives("LayerNormalization", 17, s_noEpsilon, [new Operand([1, 3, 1, 3], 2, 2), new Operand([2, 3], 2, 1), new Operand([5], 1)], [[3, 7, 2, 8]]);
        Assert.Throws<OpException>(() => Find("LayerNormalization", 17).Infer(Node(17, s_noEpsilon, 1, Operand.Ramp(2, 2), Operand.Ramp(3))));
        Assert.Throws<OpException>(() => Find("LayerNormalization", 17).Infer(Node(17, s_noEpsilon, 1, Operand.Ramp(2), Operand.Ramp(1, 2))));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(10.0)]
    [InlineData(1000.0)]
    [InlineData(1048576.0)]
    public void LargeMeansCostNoAccuracy(double mean)
    {
        // Deviations from the mean are -3 -1 1 3 over and over, exact in float32: variance 5.
        foreach (int length in new[] { 4, 100, 10000 })
        {
            double[] x = [.. Enumerable.Range(0, length).Select(i => mean + (2 * (i % 4) - 3))];
            double[] expected = [.. Enumerable.Range(0, length).Select(i => (2 * (i % 4) - 3) / Math.Sqrt(5))];
            Gives("LayerNormalization", 17, s_noEpsilon, [new Operand(x, 1, length), new Operand([1], 1)], [expected], 4 * U);
            Gives("InstanceNormalization", 6, s_noEpsilon, [new Operand(x, 1, 1, length), new Operand([1], 1), new Operand([0], 1)], [expected], 8 * U);
            Gives("MeanVarianceNormalization", 13, Attributes(("axes", (int[])[0])), [new Operand(x, length, 1)], [expected], 8 * U);
        }
    }

    [Fact]
    public void SquaresBeyondTheRangeOfFloatAreKept()
    {
        Gives("LpNormalization", 1, Ops.Attributes.Empty, [new Operand([3e30f, 4e30f, 3e-30f, 4e-30f], 2, 2)], [[0.6, 0.8, 0.6, 0.8]], 2 * U);
        Gives("LpNormalization", 1, Attributes(("axis", 0)), [new Operand([3e30f, 3e-30f, 4e30f, 4e-30f], 2, 2)], [[0.6, 0.6, 0.8, 0.8]], 2 * U);
        Gives("LayerNormalization", 17, s_noEpsilon, [new Operand([-1e-25f, 1e-25f, -1e25f, 1e25f], 2, 2), new Operand([1], 1)], [[-1, 1, -1, 1]], U);
    }

    [Fact]
    public void DenormalMeansAreKept()
    {
        // The mean of one and two units of the smallest denormal is no float; 1 / epsilon makes the difference visible.
        double e = float.Epsilon, y = e / 2 / 1e-9f;
        foreach (int axis in new[] { 0, 1 })
        {
            long[] dims = axis == 1 ? [1, 2] : [2, 1];
            Gives("MeanVarianceNormalization", 13, Attributes(("axes", (int[])[axis])), [new Operand([e, 2 * e], dims)], [[-y, y]], 1e-42);
            Gives("MeanVarianceNormalization", 13, Attributes(("axes", (int[])[0])), [new Operand([e, e, 2 * e, 2 * e], 2, 2)], [[-y, -y, y, y]], 1e-42);
        }
    }

    [Fact]
    public void LpNormalizationDividesByTheNorm()
    {
        Gives("LpNormalization", 22, Attributes(("p", 1)), [new Operand([1, -3, 0, 0], 2, 2)], [[0.25, -0.75, 0, 0]]);
        var rows = Gives("LpNormalization", 1, Attributes(("axis", 1)), [new Operand([3, 0, 4, 5], 1, 2, 2)], [[0.6, 0, 0.8, 1]], U);
        Assert.Contains("two_pass_strided", rows);
        Assert.Throws<OpException>(() => InferredShape("LpNormalization", 1, Attributes(("p", 3)), 1, 3));
        Assert.Throws<ShapeException>(() => InferredShape("LpNormalization", 1, Attributes(("axis", 2)), 1, 3));
    }

    [Fact]
    public void InstanceNormalizationNormalisesEachChannel()
    {
        Operand x = new([1, 3, 2, 6], 1, 2, 2);
        var rows = Gives("InstanceNormalization", 6, s_noEpsilon, [x, new Operand([10, 100], 2), new Operand([1, 2], 2)], [[-9, 11, -98, 102]]);
        Assert.Equal(["one_pass", "reference", "scalar", "two_pass", "two_pass_strided", "welford"], rows);
        Assert.Throws<OpException>(() => Find("InstanceNormalization", 6).Infer(Node(6, s_noEpsilon, 1, x, Operand.Ramp(3), Operand.Ramp(2))));
    }

    [Fact]
    public void GroupNormalizationScalesGroupsOrChannels()
    {
        // Two groups of two channels of one pixel.
        Operand x = new([1, 3, 2, 6], 1, 4, 1);
        Attributes groups = s_noEpsilon.With("num_groups", 2L);
        Gives("GroupNormalization", 18, groups, [x, new Operand([10, 100], 2), new Operand([1, 2], 2)], [[-9, 11, -98, 102]]);
        Gives("GroupNormalization", 21, groups, [x, new Operand([1, 2, 3, 4], 4), new Operand([0, 0, 10, 20], 4)], [[-1, 2, 7, 24]]);
        Gives("GroupNormalization", 21, s_noEpsilon.With("num_groups", 1L), [new Operand([1, 3, 1, 3], 1, 2, 2), new Operand([1, 2], 2), new Operand([0, 10], 2)],
            [[-1, 1, 8, 12]]);
        Assert.Throws<OpException>(() => Find("GroupNormalization", 21).Infer(Node(21, groups.With("num_groups", 3L), 1, x, Operand.Ramp(4), Operand.Ramp(4))));
        Assert.Throws<OpException>(() => Find("GroupNormalization", 21).Infer(Node(21, groups.With("num_groups", 0L), 1, x, Operand.Ramp(4), Operand.Ramp(4))));
    }

    [Fact]
    public void RmsNormalizationKeepsTheMean()
    {
        // Root mean squares: sqrt((1 + 49) / 2) = 5.
        Gives("RMSNormalization", 23, s_noEpsilon, [new Operand([1, 7], 1, 2), new Operand([5, 10], 2)], [[1, 14]], U);
        Gives("RMSNormalization", 23, s_noEpsilon, [new Operand([1, 7], 1, 2) { Type = DType.Float16 }, new Operand([5, 10], 2)], [[1, 14]], U);
    }

    [Fact]
    public void MeanVarianceNormalizationReducesGivenAxes()
    {
        // By default each channel over images and pixels: channel 0 has 1 3 1 3, channel 1 has 2 6 2 6.
        Gives("MeanVarianceNormalization", 13, Ops.Attributes.Empty, [new Operand([1, 3, 2, 6, 1, 3, 2, 6], 2, 2, 1, 2)], [[-1, 1, -1, 1, -1, 1, -1, 1]], U);
        // Axes 0 and 2 of three, the last kept by nothing: two reduced axes that are not next to each other, innermost kept.
        Gives("MeanVarianceNormalization", 13, Attributes(("axes", (int[])[0, 2])), [new Operand([1, 2, 1, 2, 3, 6, 3, 6], 2, 1, 2, 2)],
            [[-1, -1, -1, -1, 1, 1, 1, 1]], U);
        Assert.Throws<ShapeException>(() => InferredShape("MeanVarianceNormalization", 13, Ops.Attributes.Empty, 1, 2, 3));
        Assert.Throws<ShapeException>(() => InferredShape("MeanVarianceNormalization", 13, Attributes(("axes", (int[])[1, 1])), 1, 2, 3));
    }

    [Fact]
    public void EmptyTensorsGiveEmptyTensors() =>
        Gives("LayerNormalization", 17, s_noEpsilon, [new Operand([], 0, 4), Operand.Ramp(4)], [[], [], []]);
}
