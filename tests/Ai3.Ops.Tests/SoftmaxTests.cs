using Ai3.Tensors;
using static Ai3.Ops.Tests.EveryRow;

namespace Ai3.Ops.Tests;

public sealed class SoftmaxTests
{
    private const double U = 1.0 / (1 << 24);
    private const double Ln2 = 0.69314718055994531, Ln3 = 1.0986122886681098;

    [Fact]
    public void RowsSumToOne()
    {
        // ln 1, ln 2, ln 5 have exponentials 1, 2, 5.
        Operand x = new([0, (float)Ln2, (float)Math.Log(5), 7, 7, 7], 2, 3);
        var rows = Gives("Softmax", 13, Ops.Attributes.Empty, [x], [[0.125, 0.25, 0.625, 1 / 3.0, 1 / 3.0, 1 / 3.0]], 4 * U);
        Assert.Equal(["online", "reference", "scalar", "three_pass", "two_pass"], rows);
        Gives("LogSoftmax", 13, Ops.Attributes.Empty, [x], [[Math.Log(0.125), Math.Log(0.25), Math.Log(0.625), -Ln3, -Ln3, -Ln3]], 8 * U);
        Gives("Softmax", 13, Ops.Attributes.Empty, [new Operand([3, 3], 1, 2) { Type = DType.Float16 }], [[0.5, 0.5]]);
    }

    [Fact]
    public void AnAxisThatIsNotTheLastIsStrided() =>
        Gives("Softmax", 13, Attributes(("axis", 1)), [new Operand([0, 0, (float)Ln3, 0, 5, 5, 5, 5], 2, 2, 2)], [[0.25, 0.5, 0.75, 0.5, 0.5, 0.5, 0.5, 0.5]], 4 * U);

    [Fact]
    public void BeforeOpset13RowsRunOverAllLaterAxes()
    {
        Gives("Softmax", 11, Attributes(("axis", 1)), [new Operand([1, 1, 1, 1, 2, 2, 2, 2], 2, 2, 2)], [[0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25]], U);
        // The default axis is 1.
        Gives("Softmax", 1, Ops.Attributes.Empty, [new Operand([1, 1, 1, 1], 1, 2, 2)], [[0.25, 0.25, 0.25, 0.25]], U);
        Gives("Hardmax", 11, Ops.Attributes.Empty, [new Operand([1, 2, 3, 3], 1, 2, 2)], [[0, 0, 1, 0]]);
    }

    [Fact]
    public void ChannelsOfSinglePixelsMayBeBlocked()
    {
        double[] x = [.. Enumerable.Repeat(2.0, 40)];
        Gives("Softmax", 13, Attributes(("axis", 1)), [new Operand(x, 2, 20, 1, 1)], [[.. Enumerable.Repeat(0.05, 40)]], 2 * U);
        Gives("LogSoftmax", 13, Attributes(("axis", 1)), [new Operand(x, 2, 20, 1, 1)], [[.. Enumerable.Repeat(-Math.Log(20), 40)]], 2 * U);
    }

    [Fact]
    public void LargeAndInfiniteElementsAreTakenByTheirDifference()
    {
        double inf = double.PositiveInfinity, nan = double.NaN;
        foreach (int axis in new[] { 0, 1 })
        {
            long[] dims = axis == 1 ? [1, 3] : [3, 1];
            Attributes attributes = Attributes(("axis", axis));
            Gives("Softmax", 13, attributes, [new Operand([3e38f, 3e38f, -3e38f], dims)], [[0.5, 0.5, 0]]);
            Gives("Softmax", 13, attributes, [new Operand([-inf, 4, -inf], dims)], [[0, 1, 0]]);
            Gives("LogSoftmax", 13, attributes, [new Operand([-inf, 4, -inf], dims)], [[-inf, 0, -inf]], U);
            Gives("Softmax", 13, attributes, [new Operand([-inf, -inf, -inf], dims)], [[nan, nan, nan]]);
            Gives("Softmax", 13, attributes, [new Operand([inf, 1, 2], dims)], [[nan, nan, nan]]);
            Gives("Softmax", 13, attributes, [new Operand([1, nan, 2], dims)], [[nan, nan, nan]]);
        }
    }

    [Fact]
    public void ElementsFarFromZeroCountByTheirDifference()
    {
        // Beyond +-4096 the two passes need another way; -10^9 is what masks hold.
        foreach (float far in new[] { 1000f, -1000f, 4000f, -4000f, 5000f, -5000f, 1e6f })
            foreach (int axis in new[] { 0, 1 })
            {
                long[] dims = axis == 1 ? [1, 3] : [3, 1];
                double[] quarters = [1 / (2 + Math.E), 1 / (2 + Math.E), Math.E / (2 + Math.E)];
                Gives("Softmax", 13, Attributes(("axis", axis)), [new Operand([far, far, far + 1], dims)], [quarters], 8 * U);
                Gives("LogSoftmax", 13, Attributes(("axis", axis)), [new Operand([far, far, far + 1], dims)], [[.. quarters.Select(q => Math.Log(q))]], 8 * U);
                Gives("Softmax", 13, Attributes(("axis", axis)), [new Operand([-1e9, far, -1e9], dims)], [[0, 1, 0]]);
            }
    }

    [Fact]
    public void LongRowsKeepTheirAccuracy()
    {
        // Growing elements, so that the maximum changes all the way: e^(i ln2 / 1000), a geometric series.
        const int n = 20000;
        float step = (float)(Ln2 / 1000);
        double[] x = [.. Enumerable.Range(0, n).Select(i => (double)(float)(i * (double)step))];
        double sum = x.Sum(Math.Exp);
        double[] expected = [.. x.Select(v => Math.Exp(v) / sum)];
        Gives("Softmax", 13, Ops.Attributes.Empty, [new Operand(x, 1, n)], [expected], 4 * U);
        Gives("LogSoftmax", 13, Attributes(("axis", 0)), [new Operand(x, n, 1)], [[.. expected.Select(v => Math.Log(v))]], 40 * U);
        double[] twice = [.. x.SelectMany(v => new[] { v, 0 })];
        Gives("Softmax", 13, Attributes(("axis", 0)), [new Operand(twice, n, 2)], [[.. expected.SelectMany(v => new[] { v, 1.0 / n })]], 40 * U);
    }

    [Fact]
    public void HardmaxMarksTheFirstLargest()
    {
        var rows = Gives("Hardmax", 13, Ops.Attributes.Empty, [new Operand([1, 5, 5, -2, -3, -2], 2, 3)], [[0, 1, 0, 1, 0, 0]]);
        Assert.Equal(["reference", "scalar"], rows);
        Gives("Hardmax", 13, Attributes(("axis", 0)), [new Operand([1, 5, 1, 6], 2, 2)], [[1, 0, 0, 1]]);
        Gives("Hardmax", 13, Ops.Attributes.Empty, [new Operand([9, double.NaN, double.NaN], 3)], [[0, 1, 0]]);
    }

    [Fact]
    public void MistakesAreRefused()
    {
        Assert.Throws<ShapeException>(() => InferredShape("Softmax", 13, Attributes(("axis", 2)), 2, 2));
        Assert.Throws<ShapeException>(() => InferredShape("Softmax", 13, Attributes(("axis", -3)), 2, 2));
        Assert.Throws<OpException>(() => Find("Softmax", 13).Infer(Node(13, Ops.Attributes.Empty, 1, new Operand([1], 1) { Type = DType.Int32 })));
        Gives("Softmax", 13, Ops.Attributes.Empty, [new Operand([], 3, 0)], [[]]);
    }
}
