using Ai3.Tensors;
using static Ai3.Ops.Tests.ElementwiseRunner;

namespace Ai3.Ops.Tests;

/// <summary>Reductions on values written out.</summary>
public class ReductionTests
{
    private static readonly Tensor s_x = F32([2, 3, 2], 1, -2, 3, 4, -5, 6, 7, 8, 9, -10, 11, 12);

    public static TheoryData<string, float[]> OverTheMiddle => new()
    {
        { "ReduceSum", [-1, 8, 27, 10] },
        { "ReduceMean", [-1 / 3f, 8 / 3f, 9, 10 / 3f] },
        { "ReduceMax", [3, 6, 11, 12] },
        { "ReduceMin", [-5, -2, 7, -10] },
        { "ReduceProd", [-15, -48, 693, -960] },
        { "ReduceL1", [9, 12, 27, 30] },
        { "ReduceL2", [5.91608f, 7.483315f, 15.84298f, 17.549929f] },
        { "ReduceSumSquare", [35, 56, 251, 308] },
        { "ReduceLogSumExp", [3.127224f, 6.127224f, 11.142932f, 12.01815f] },
    };

    [Theory, MemberData(nameof(OverTheMiddle))]
    public void ReducesAnAxis(string name, float[] expected)
    {
        int attributes = name == "ReduceSum" ? 11 : 13;
        foreach ((string row, Tensor output) in Run(name, attributes, Attributes(("axes", Longs(1)), ("keepdims", 0L)), s_x))
            AssertNear(row, [2, 2], expected, output);
        foreach ((string row, Tensor output) in Run(name, attributes, Attributes(("axes", Longs(-2))), s_x))
            AssertNear(row, [2, 1, 2], expected, output);
    }

    [Fact]
    public void ReducesRunsAndEverything()
    {
        foreach ((string row, Tensor output) in Run("ReduceSum", 11, Attributes(("axes", Longs(2))), s_x))
            AssertNear(row, [2, 3, 1], [-1, 7, 1, 15, -1, 23], output);
        foreach ((string row, Tensor output) in Run("ReduceSum", 11, Attributes(("axes", Longs(0, 2)), ("keepdims", 0L)), s_x))
            AssertNear(row, [3], [14, 6, 24], output);
        foreach ((string row, Tensor output) in Run("ReduceMax", 13, Attributes(("keepdims", 0L)), s_x))
            AssertNear(row, [], [12], output);
        foreach ((string row, Tensor output) in Run("ReduceL1", 13, Attributes(), F32([], -3)))
            AssertNear(row, [], [3], output);
        foreach ((string row, Tensor output) in Run("ReduceLogSum", 13, Attributes(), F32(1, 2, 3, 4)))
            AssertNear(row, [1], [2.3025851f], output);
    }

    [Fact]
    public void SumsOfManyElementsKeepTheirDigits()
    {
        var ones = new float[3_000_017];
        Array.Fill(ones, 0.1f);
        foreach ((string row, Tensor output) in Run("ReduceSum", 11, Attributes(), Tensor.From(ones, [3_000_017])).Where(r => !r.Row.StartsWith("reference", StringComparison.Ordinal)))
            Assert.True(Math.Abs(output.AsSpan<float>()[0] - 3_000_017 * (double)0.1f) <= 0.25, $"{row}: {output.AsSpan<float>()[0]}");
    }

    [Fact]
    public void NoElementsGiveTheNeutralOne()
    {
        Tensor empty = F32([2, 0, 2]);
        foreach ((string name, float value) in new[] { ("ReduceSum", 0f), ("ReduceMean", float.NaN), ("ReduceMax", float.NegativeInfinity), ("ReduceMin", float.PositiveInfinity),
            ("ReduceProd", 1f), ("ReduceL2", 0f), ("ReduceLogSum", float.NegativeInfinity), ("ReduceLogSumExp", float.NegativeInfinity) })
            foreach ((string row, Tensor output) in Run(name, name == "ReduceSum" ? 11 : 13, Attributes(("axes", Longs(1)), ("keepdims", 0L)), empty))
                AssertNear($"{name} {row}", [2, 2], [value, value, value, value], output);
    }

    [Fact]
    public void NaNAndInfinityPropagate()
    {
        float nan = float.NaN, inf = float.PositiveInfinity;
        foreach (int length in new[] { 3, 16, 67 })
            for (int place = 0; place < length; place += 1 + length / 7)
            {
                float[] values = new float[length];
                values[place] = nan;
                foreach (string name in new[] { "ReduceMax", "ReduceMin", "ReduceSum", "ReduceLogSumExp" })
                    foreach ((string row, Tensor output) in Run(name, name == "ReduceSum" ? 11 : 13, Attributes(("axes", Longs(0))), Tensor.From(values, [length])))
                        Assert.True(float.IsNaN(output.AsSpan<float>()[0]), $"{name} {row} {length} {place}");
            }
        foreach ((string row, Tensor output) in Run("ReduceLogSumExp", 13, Attributes(("axes", Longs(1)), ("keepdims", 0L)), F32([3, 2], inf, 0, -inf, -inf, 1000, 1000)))
            AssertNear(row, [3], [inf, -inf, 1000.6931f], output);
    }

    [Fact]
    public void AxesMayBeAnInputAndMayMeanNone()
    {
        OpDefinition op = Find("ReduceSum", 13);
        var node = new NodeFacts(Attributes(("keepdims", 0L)), 13, [TensorFact.Of(s_x), TensorFact.OfConstant(Tensor.From<long>([-1, 0], [2]))], 1, () => Dim.Symbol("n"));
        Assert.Equal("f32[3]", op.Infer(node)[0].ToString());
        Assert.True(op.ReadsValues(node, 1));
        Assert.Equal([0, 2], ((ReductionProblem)op.CreateProblem(node)).Axes.ToArray());
        foreach ((string row, Tensor output) in Run("ReduceMax", 18, Attributes(("noop_with_empty_axes", 1L)), s_x))
            AssertNear(row, [2, 3, 2], s_x.AsSpan<float>().ToArray(), output);
        foreach ((string row, Tensor output) in Run("ReduceSumSquare", 18, Attributes(("noop_with_empty_axes", 1L)), F32([2], -3, 2)))
            AssertNear(row, [2], [9, 4], output);
        foreach ((string row, Tensor output) in Run("ReduceMax", 18, Attributes(), s_x))
            AssertNear(row, [1, 1, 1], [12], output);
        Assert.Throws<ShapeException>(() => Run("ReduceSum", 11, Attributes(("axes", Longs(3))), s_x).ToList());
        Assert.Throws<ShapeException>(() => Run("ReduceSum", 11, Attributes(("axes", Longs(0, -3))), s_x).ToList());
    }

    [Fact]
    public void IntegersReduceInTheirOwnType()
    {
        foreach ((string row, Tensor output) in Run("ReduceMean", 13, Attributes(), Tensor.From<int>([-7, 2], [2])).Where(r => !r.Row.StartsWith("reference", StringComparison.Ordinal)))
            Assert.True(output.AsSpan<int>()[0] == -2, row);
        foreach ((string row, Tensor output) in Run("ReduceSum", 11, Attributes(), Tensor.From<long>([long.MaxValue, 1], [2])).Where(r => !r.Row.StartsWith("reference", StringComparison.Ordinal)))
            Assert.True(output.AsSpan<long>()[0] == long.MinValue, row);
        foreach ((string row, Tensor output) in Run("ReduceMax", 20, Attributes(), Tensor.From<bool>([false, true], [2])))
            Assert.True(output.AsSpan<bool>()[0], row);
        foreach ((string row, Tensor output) in Run("ReduceMin", 18, Attributes(), Tensor.From<sbyte>([], [0])))
            Assert.True(output.AsSpan<sbyte>()[0] == 127, row);
    }

    [Fact]
    public void ArgReductionsTakeTheFirstOrTheLast()
    {
        Tensor x = F32([2, 3], 1, 5, 5, 7, float.NaN, 9);
        Args("ArgMax", Attributes(("axis", 1L), ("keepdims", 0L)), x, [1, 1]);
        Args("ArgMax", Attributes(("axis", 1L), ("select_last_index", 1L)), x, [2, 1]);
        Args("ArgMin", Attributes(("axis", 0L)), x, [0, 1, 0]);
        Args("ArgMin", Attributes(("axis", -1L), ("select_last_index", 1L)), F32([1, 4], 2, 0, 0, 1), [2]);
        Assert.Throws<OpException>(() => Run("ArgMax", 13, Attributes(), F32([0, 2])).ToList());
    }

    [Fact]
    public void CumulatesForwardAndBackward()
    {
        Tensor x = F32([2, 3], 1, 2, 3, 4, 5, 6);
        Cumulative("CumSum", Attributes(), x, 0, [1, 2, 3, 5, 7, 9]);
        Cumulative("CumSum", Attributes(), x, 1, [1, 3, 6, 4, 9, 15]);
        Cumulative("CumSum", Attributes(("exclusive", 1L)), x, -1, [0, 1, 3, 0, 4, 9]);
        Cumulative("CumSum", Attributes(("reverse", 1L)), x, 1, [6, 5, 3, 15, 11, 6]);
        Cumulative("CumSum", Attributes(("reverse", 1L), ("exclusive", 1L)), x, 1, [5, 3, 0, 11, 6, 0]);
        Cumulative("CumProd", Attributes(), x, 1, [1, 2, 6, 4, 20, 120]);
    }

    private static System.Collections.Immutable.ImmutableArray<long> Longs(params long[] values) => System.Collections.Immutable.ImmutableArray.Create(values);

    private static void Args(string name, Attributes attributes, Tensor x, long[] expected)
    {
        foreach ((string row, Tensor output) in Run(name, 13, attributes, x))
            Assert.True(output.AsSpan<long>().SequenceEqual(expected), $"{name} {row}: {string.Join(",", output.AsSpan<long>().ToArray())}");
    }

    private static void Cumulative(string name, Attributes attributes, Tensor x, long axis, float[] expected)
    {
        OpDefinition op = Find(name, 26);
        Tensor constant = Tensor.Scalar(axis);
        var node = new NodeFacts(attributes, 26, [TensorFact.Of(x), TensorFact.OfConstant(constant)], 1, () => Dim.Symbol("n"));
        op.Infer(node);
        Problem problem = op.CreateProblem(node);
        Assert.Equal(problem.Key, op.ParseProblem(problem.Key)?.Key);
        foreach (Candidate candidate in op.Candidates(problem, new Target(IsaLevel.Scalar, 1, CacheSizes.Typical)).Accepted)
            AssertNear(candidate.Algorithm.Name, x.Shape.ToArray(), expected, ElementwiseRunner.Run(problem, candidate, 1, x, constant));
    }

    private static void AssertNear(string row, long[] shape, float[] expected, Tensor output)
    {
        Assert.Equal(Shape.Create(shape), output.Shape);
        ReadOnlySpan<float> actual = output.AsSpan<float>();
        for (int i = 0; i < expected.Length; i++)
            Assert.True(expected[i].Equals(actual[i]) || MathF.Abs(expected[i] - actual[i]) <= 3e-7f * MathF.Abs(expected[i]), $"{row}: element {i} is {actual[i]:R}, not {expected[i]:R}");
    }
}
