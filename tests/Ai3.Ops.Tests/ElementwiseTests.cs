using Ai3.Tensors;
using static Ai3.Ops.Tests.ElementwiseRunner;

namespace Ai3.Ops.Tests;

/// <summary>Element-wise operators on values written out.</summary>
public class ElementwiseTests
{
    private const float NaN = float.NaN, Inf = float.PositiveInfinity;

    public static TheoryData<string, float[], float[]> UnaryCases => new()
    {
        { "Relu", [-2, -0f, 0, 3, NaN, -Inf, Inf], [0, 0, 0, 3, NaN, 0, Inf] },
        { "LeakyRelu", [-2, 0, 3, NaN], [-0.02f, 0, 3, NaN] },
        { "ThresholdedRelu", [-2, 1, 1.5f], [0, 0, 1.5f] },
        { "Elu", [-1, 0, 2, -Inf], [-0.63212055f, 0, 2, -1] },
        { "Selu", [-1, 0, 2], [-1.1113307f, 0, 2.101402f] },
        { "Celu", [-1, 0, 2], [-0.63212055f, 0, 2] },
        { "Sigmoid", [-100, -1, 0, 1, 100, NaN, -Inf, Inf], [3.7835e-44f, 0.26894143f, 0.5f, 0.7310586f, 1, NaN, 0, 1] },
        { "HardSigmoid", [-3, -1, 0, 1, 3, NaN], [0, 0.3f, 0.5f, 0.7f, 1, NaN] },
        { "HardSwish", [-4, -1, 0, 1, 4], [0, -0.33333334f, 0, 0.6666667f, 4] },
        { "Tanh", [-1, -0f, 0, 1, 20, NaN, -Inf, 1e-30f], [-0.7615942f, -0f, 0, 0.7615942f, 1, NaN, -1, 1e-30f] },
        { "Exp", [0, 1, -1, 89, -110, NaN, Inf, -Inf], [1, 2.7182817f, 0.36787945f, Inf, 0, NaN, Inf, 0] },
        { "Log", [1, 0, -1, Inf, NaN, 2.7182817f], [0, -Inf, NaN, Inf, NaN, 1] },
        { "Sqrt", [4, 2, -1, 0], [2, 1.4142135f, NaN, 0] },
        { "Reciprocal", [4, 0, -0f, -Inf], [0.25f, Inf, -Inf, -0f] },
        { "Abs", [-2, -0f, 3, -Inf], [2, 0, 3, Inf] },
        { "Neg", [-2, 0, 3], [2, -0f, -3] },
        { "Sign", [-2, 0, 3, NaN], [-1, 0, 1, NaN] },
        { "Floor", [-1.5f, 1.5f, 2], [-2, 1, 2] },
        { "Ceil", [-1.5f, 1.5f, 2], [-1, 2, 2] },
        { "Round", [0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 2.4f], [0, 2, 2, -0f, -2, 2] },
        { "Erf", [0, 0.5f, -0.5f, 2, 10, -Inf, NaN], [0, 0.5204999f, -0.5204999f, 0.9953223f, 1, -1, NaN] },
        { "Softplus", [0, 1, -100, 100, Inf, -Inf], [0.6931472f, 1.3132616f, 3.8e-44f, 100, Inf, 0] },
        { "Softsign", [0, 1, -3], [0, 0.5f, -0.75f] },
        { "Sin", [0, 1], [0, 0.84147096f] },
        { "Cos", [0, 1], [1, 0.5403023f] },
        { "Tan", [0, 1], [0, 1.5574077f] },
        { "Asin", [0, 1, 2], [0, 1.5707964f, NaN] },
        { "Acos", [1, 0], [0, 1.5707964f] },
        { "Atan", [0, 1], [0, 0.7853982f] },
        { "Sinh", [0, 1], [0, 1.1752012f] },
        { "Cosh", [0, 1], [1, 1.5430807f] },
        { "Asinh", [0, 1], [0, 0.8813736f] },
        { "Acosh", [1, 2], [0, 1.316958f] },
        { "Atanh", [0, 0.5f, 1], [0, 0.54930615f, Inf] },
        { "Gelu", [0, 1, -1, 10, -40], [0, 0.8413447f, -0.15865526f, 10, 0] },
        { "Mish", [0, 1, -1, 50], [0, 0.8650984f, -0.30340144f, 50] },
        { "Swish", [0, 1, -1], [0, 0.7310586f, -0.26894143f] },
        { "Affine", [0, 1, -1], [0, 1, -1] },
        { "Shrink", [-1, 0.25f, 1, 0.5f, float.NaN], [-1, 0, 1, 0, 0] },
    };

    [Theory, MemberData(nameof(UnaryCases))]
    public void ComputesUnaryFunctions(string name, float[] x, float[] expected)
    {
        // Repeated to 37 elements, so that full vectors and tails see every value.
        float[] longer = [.. Enumerable.Range(0, 37).Select(i => x[i % x.Length])];
        foreach ((string row, Tensor output) in Run(name, 24, Attributes(), F32(longer)))
            AssertNear(row, [.. Enumerable.Range(0, 37).Select(i => expected[i % x.Length])], output.AsSpan<float>());
    }

    [Fact]
    public void ReadsAttributes()
    {
        Check("LeakyRelu", Attributes(("alpha", 0.5f)), [-2, 2], [-1, 2]);
        Check("Gelu", Attributes(("approximate", "tanh")), [1, -1], [0.841192f, -0.158808f]);
        Check("Celu", Attributes(("alpha", 2f)), [-1, 1], [-0.7869387f, 1]);
        Check("HardSigmoid", Attributes(("alpha", 0.5f), ("beta", 0.25f)), [-1, 1, 2], [0, 0.75f, 1]);
        Check("Shrink", Attributes(("lambd", 1.5f), ("bias", 0.5f)), [-2, 1, 2], [-1.5f, 0, 1.5f]);
        Check("Swish", Attributes(("alpha", 2f)), [1], [0.880797f]);
        Check("Affine", Attributes(("alpha", 2f), ("beta", -1f)), [3], [5]);
        Check("Clip", Attributes(("min", -1f), ("max", 1f)), [-3, 0.5f, 3, NaN], [-1, 0.5f, 1, NaN], opset: 6);
        Check("Clip", Attributes(), [-3, Inf], [-3, float.MaxValue], opset: 6);
    }

    public static TheoryData<string, float[], float[], float[]> BinaryCases => new()
    {
        { "Add", [1, 2, NaN], [3, -5, 1], [4, -3, NaN] },
        { "Sub", [1, 2], [3, -5], [-2, 7] },
        { "Mul", [1, 2, Inf], [3, -5, 0], [3, -10, NaN] },
        { "Div", [1, 2, 0, 1], [4, -5, 0, 0], [0.25f, -0.4f, NaN, Inf] },
        { "Max", [1, 2, NaN, 1, -0f], [3, -5, 1, NaN, -1], [3, 2, NaN, NaN, -0f] },
        { "Min", [1, 2, NaN, 1], [3, -5, 1, NaN], [1, -5, NaN, NaN] },
        { "Pow", [2, 3, 4, -2, 0], [3, 2, 0.5f, 3, 0], [8, 9, 2, -8, 1] },
        { "PRelu", [-1, 2], [0.25f, 9], [-0.25f, 2] },
    };

    [Theory, MemberData(nameof(BinaryCases))]
    public void ComputesBinaryFunctions(string name, float[] a, float[] b, float[] expected)
    {
        int n = a.Length;
        float[] Longer(float[] v) => [.. Enumerable.Range(0, 37).Select(i => v[i % n])];
        foreach ((string row, Tensor output) in Run(name, 15, Attributes(), F32(Longer(a)), F32(Longer(b))))
            AssertNear(row, Longer(expected), output.AsSpan<float>());
    }

    public static TheoryData<long[], long[], long[]> Shapes => new()
    {
        { [], [], [] },
        { [5], [], [5] },
        { [2, 3], [3], [2, 3] },
        { [2, 1], [1, 3], [2, 3] },
        { [2, 3, 4, 5], [3, 1, 1], [2, 3, 4, 5] },
        { [1, 3, 1, 5], [2, 1, 4, 1], [2, 3, 4, 5] },
        { [3, 100], [100], [3, 100] },
        { [3, 100], [3, 1], [3, 100] },
        { [2, 3, 50], [2, 1, 50], [2, 3, 50] },
        { [700, 3], [3], [700, 3] },
        { [0, 3], [3], [0, 3] },
        { [2, 0, 1], [5], [2, 0, 5] },
        { [9, 1, 1000], [1, 8, 1], [9, 8, 1000] },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void Broadcasts(long[] a, long[] b, long[] expected)
    {
        Shape left = Shape.Create(a), right = Shape.Create(b), shape = Shape.Create(expected);
        float[] x = [.. Enumerable.Range(0, (int)left.Count).Select(i => (float)(i % 1013))], y = [.. Enumerable.Range(0, (int)right.Count).Select(i => 2000f * (i % 997))];
        foreach ((string row, Tensor output) in Run("Sub", 14, Attributes(), Tensor.From(x, left), Tensor.From(y, right)))
        {
            Assert.Equal(shape, output.Shape);
            ReadOnlySpan<float> values = output.AsSpan<float>();
            for (int i = 0; i < values.Length; i++)
                if (values[i] != x[IndexOf(i, shape, left)] - y[IndexOf(i, shape, right)])
                    Assert.Fail($"{row}: element {i} is {values[i]}");
        }
    }

    [Fact]
    public void RefusesShapesThatCannotBroadcast()
    {
        var error = Assert.Throws<OpException>(() => Run("Add", 14, Attributes(), F32([2, 3], new float[6]), F32([2], new float[2])).ToList());
        Assert.Contains("3 and 2", error.Message);
        Assert.Throws<OpException>(() => Run("PRelu", 16, Attributes(), F32([3], new float[3]), F32([2, 3], new float[6])).ToList());
    }

    [Fact]
    public void BroadcastsByAttributeBeforeOpset7()
    {
        Tensor x = F32([2, 3, 2], 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        float[] byChannel = [10, 11, 22, 23, 34, 35, 16, 17, 28, 29, 40, 41];
        foreach ((string row, Tensor output) in Run("Add", 6, Attributes(("broadcast", 1L), ("axis", 1L)), x, F32(10, 20, 30)))
            AssertNear(row, byChannel, output.AsSpan<float>());
        foreach ((string row, Tensor output) in Run("Mul", 1, Attributes(("broadcast", 1L)), x, F32(1, 2)))
            AssertNear(row, [0, 2, 2, 6, 4, 10, 6, 14, 8, 18, 10, 22], output.AsSpan<float>());
        Assert.Throws<OpException>(() => Run("Add", 6, Attributes(), x, F32(1, 2)).ToList());
        Assert.Throws<OpException>(() => Run("Add", 6, Attributes(("broadcast", 1L), ("axis", 2L)), x, F32(1, 2, 3)).ToList());
        foreach ((string row, Tensor output) in Run("PRelu", 6, Attributes(), F32([1, 2, 2], -1, -2, -3, 4), F32(2, 10)))
            AssertNear(row, [-2, -4, -30, 4], output.AsSpan<float>());
    }

    [Fact]
    public void FoldsAnyNumberOfOperands()
    {
        Tensor a = F32([2, 2], 1, 2, 3, 4), b = F32(10, 20), c = F32([], 100);
        Expect("Sum", [111, 122, 113, 124], a, b, c);
        Expect("Mean", [37, 122 / 3f, 113 / 3f, 124 / 3f], a, b, c);
        Expect("Max", [100, 100, 100, 100], a, b, c);
        Expect("Min", [1, 2, 3, 4], a, b, c);
        Expect("Sum", [1, 2, 3, 4], a);
        Expect("Mean", [1, 2, 3, 4], a);
        foreach ((string row, Tensor output) in Run("Sum", 13, Attributes(), c, b, F32([3, 1], 0, 1, 2)))
            AssertNear(row, [110, 120, 111, 121, 112, 122], output.AsSpan<float>());
    }

    [Fact]
    public void ClipsByInputs()
    {
        Tensor x = F32(-5, -1, 0, 1, 5, NaN), low = F32([], -2), high = F32([], 2);
        Expect("Clip", [-2, -1, 0, 1, 2, NaN], x, low, high);
        Expect("Clip", [-5, -1, 0, 1, 2, NaN], x, null, high);
        Expect("Clip", [-2, -1, 0, 1, 5, NaN], x, low);
        Expect("Clip", [-5, -1, 0, 1, 5, NaN], x);
        Expect("Clip", [-2, -2, -2, -2, -2, NaN], x, high, low);
        Assert.Throws<OpException>(() => Run("Clip", 13, Attributes(), x, x, high).ToList());
    }

    [Fact]
    public void IntegersWrapAndNeverFault()
    {
        Ints("Div", [7, -7, 1, int.MinValue], [2, 2, 0, -1], [3, -3, 0, int.MinValue]);
        Ints("Mod", [7, -7, 7, 1, int.MinValue], [3, 3, -3, 0, -1], [1, 2, -2, 0, 0]);
        Ints("Add", [int.MaxValue], [1], [int.MinValue]);
        Ints("Pow", [2, -3, 0, 5, -1], [10, 3, 0, -1, -3], [1024, -27, 1, 0, -1]);
        Ints("Max", [1, -2], [0, 5], [1, 5]);
        Ints("BitwiseAnd", [6, -1], [3, 255], [2, 255]);
        Ints("BitwiseOr", [6], [1], [7]);
        Ints("BitwiseXor", [6], [3], [5]);
        foreach ((string row, Tensor output) in Run("Mod", 13, Attributes(("fmod", 1L)), Tensor.From<int>([-7, 7], [2]), Tensor.From<int>([3, -3], [2])))
            Assert.True(output.AsSpan<int>().SequenceEqual([-1, 1]), row);
        foreach ((string row, Tensor output) in Run("Mod", 13, Attributes(("fmod", 1L)), F32(-7.5f, 7.5f), F32(2, -2)))
            AssertNear(row, [-1.5f, 1.5f], output.AsSpan<float>());
        foreach ((string row, Tensor output) in Run("BitShift", 11, Attributes(("direction", "LEFT")), Tensor.From<byte>([1, 255, 3], [3]), Tensor.From<byte>([7, 1, 8], [3])))
            Assert.True(output.AsSpan<byte>().SequenceEqual(new byte[] { 128, 254, 0 }), row);
        foreach ((string row, Tensor output) in Run("BitShift", 11, Attributes(("direction", "RIGHT")), Tensor.From<ulong>([16, 1], [2]), Tensor.From<ulong>([2, 64], [2])))
            Assert.True(output.AsSpan<ulong>().SequenceEqual(new ulong[] { 4, 0 }), row);
        foreach ((string row, Tensor output) in Run("BitwiseNot", 18, Attributes(), Tensor.From<byte>([0, 5], [2])))
            Assert.True(output.AsSpan<byte>().SequenceEqual(new byte[] { 255, 250 }), row);
        foreach ((string row, Tensor output) in Run("Abs", 13, Attributes(), Tensor.From<sbyte>([-128, -5], [2])))
            if (!row.StartsWith("reference", StringComparison.Ordinal))
                Assert.True(output.AsSpan<sbyte>().SequenceEqual(new sbyte[] { -128, 5 }), row);
    }

    [Fact]
    public void TestsGiveTruthValues()
    {
        Truths("Equal", [1, 2, NaN], [1, 3, NaN], [true, false, false]);
        Truths("Greater", [1, 4, NaN], [1, 3, 0], [false, true, false]);
        Truths("Less", [1, 2, NaN], [1, 3, 0], [false, true, false]);
        Truths("GreaterOrEqual", [1, 2, NaN], [1, 3, 0], [true, false, false]);
        Truths("LessOrEqual", [1, 2, NaN], [1, 3, 0], [true, true, false]);
        Truths("IsNaN", [1, NaN, Inf], null, [false, true, false]);
        Truths("IsInf", [-Inf, NaN, Inf], null, [true, false, true]);
        foreach ((string row, Tensor output) in Run("IsInf", 20, Attributes(("detect_negative", 0L)), F32(-Inf, Inf)))
            Assert.True(output.AsSpan<bool>().SequenceEqual([false, true]), row);
        Tensor a = Tensor.From<bool>([true, true, false, false], [4]), b = Tensor.From<bool>([true, false, true, false], [4]);
        Logic("And", [true, false, false, false], a, b);
        Logic("Or", [true, true, true, false], a, b);
        Logic("Xor", [false, true, true, false], a, b);
        Logic("Not", [false, false, true, true], a);
        Logic("Equal", [true, false, false, true], a, b);
    }

    [Fact]
    public void WhereSelects()
    {
        Tensor condition = Tensor.From<bool>([true, false], [2, 1]);
        foreach ((string row, Tensor output) in Run("Where", 16, Attributes(), condition, F32(1, 2, 3), F32([], 9)))
            AssertNear(row, [1, 2, 3, 9, 9, 9], output.AsSpan<float>());
        foreach ((string row, Tensor output) in Run("Where", 16, Attributes(), condition, Tensor.From<long>([5], [1]), Tensor.From<long>([7, 8], [2])))
            Assert.True(output.AsSpan<long>().SequenceEqual([5, 5, 7, 8]), row);
    }

    [Fact]
    public void HalfTypesRoundOnce()
    {
        foreach ((string row, Tensor output) in Run("Add", 14, Attributes(), Tensor.From<Half>([(Half)1, (Half)2048], [2]), Tensor.From<Half>([(Half)0.5f, (Half)1], [2])))
            Assert.True(output.AsSpan<Half>().SequenceEqual([(Half)1.5f, (Half)2048]), row);
        foreach ((string row, Tensor output) in Run("Exp", 13, Attributes(), Tensor.From<BFloat16>([(BFloat16)0, (BFloat16)1], [2])))
            Assert.True(output.AsSpan<BFloat16>().SequenceEqual([(BFloat16)1f, (BFloat16)2.7182817f]), row);
    }

    [Fact]
    public void PowMixesTypes()
    {
        foreach ((string row, Tensor output) in Run("Pow", 15, Attributes(), F32(2, 3), Tensor.From<long>([3, 2], [2])))
            AssertNear(row, [8, 9], output.AsSpan<float>());
        foreach ((string row, Tensor output) in Run("Pow", 15, Attributes(), Tensor.From<int>([4, 2], [2]), F32(0.5f, 2)))
            Assert.True(output.AsSpan<int>().SequenceEqual([2, 4]), row);
        foreach ((string row, Tensor output) in Run("Pow", 15, Attributes(), F32([2, 3], -1, 2, 3, -4, 5, 6), F32([], 2)))
            AssertNear(row, [1, 4, 9, 16, 25, 36], output.AsSpan<float>());
    }

    [Fact]
    public void BlockedLayoutsAgreeAndPadWithZeros()
    {
        foreach (int channels in new[] { 5, 16, 20 })
        {
            Shape shape = Shape.Create(2, channels, 3, 2);
            float[] x = [.. Enumerable.Range(0, (int)shape.Count).Select(i => i * 0.25f - 3)];
            float[] perChannel = [.. Enumerable.Range(0, channels).Select(i => 1f + i)];
            float[] perPixel = [.. Enumerable.Range(0, 12).Select(i => 0.5f * i)];
            CheckBlocked("Sigmoid", Tensor.From(x, shape));
            CheckBlocked("Add", Tensor.From(x, shape), Tensor.From(x, shape));
            CheckBlocked("Mul", Tensor.From(x, shape), Tensor.From(perChannel, Shape.Create(channels, 1, 1)));
            CheckBlocked("Sub", Tensor.From(x, shape), Tensor.From(perChannel, Shape.Create(1, channels, 1, 1)));
            CheckBlocked("Add", Tensor.From(perPixel, Shape.Create(2, 1, 3, 2)), Tensor.From(x, shape));
            CheckBlocked("Add", F32([], 1), Tensor.From(x, shape));
        }
    }

    [Fact]
    public void PropagatesShapeArithmetic()
    {
        Dim n = Dim.Symbol("n");
        var shape = new TensorFact(DType.Int64, Shape.Create(2)) { Elements = [n, 3] };
        TensorFact two = TensorFact.OfConstant(Tensor.Scalar(2L));
        Assert.Equal<Dim[]>([n + 2, 5], Elements("Add", shape, two));
        Assert.Equal<Dim[]>([n * 2, 6], Elements("Mul", shape, two));
        Assert.Equal<Dim[]>([Dim.FloorDiv(n, 2), 1], Elements("Div", shape, two));
        Assert.Equal<Dim[]>([n - 2, 1], Elements("Sub", shape, two));
        TensorFact minusOne = TensorFact.OfConstant(Tensor.Scalar(-1L));
        Assert.Equal<Dim[]>([0, 0], Elements("Equal", shape, minusOne));
        var condition = new TensorFact(DType.Bool, Shape.Create(2)) { Elements = [0, 1] };
        Assert.Equal<Dim[]>([2, 3], Elements("Where", condition, shape, two));
    }

    private static Dim[] Elements(string name, params TensorFact[] facts) =>
        ((TensorFact)Find(name, 16).Infer(new NodeFacts(Ai3.Ops.Attributes.Empty, 16, [.. facts], 1, () => Dim.Symbol("fresh")))[0]).Elements.ToArray();

    private static void CheckBlocked(string name, params Tensor[] inputs)
    {
        OpDefinition op = Find(name, 14);
        Problem problem = op.CreateProblem(Node(14, Attributes(), inputs));
        foreach (IsaLevel isa in Isa.Supported)
        {
            CandidateSet set = op.Candidates(problem, new Target(isa, 2, CacheSizes.Typical));
            foreach (IGrouping<string, Candidate> row in set.Accepted.GroupBy(c => c.Algorithm.Name).Where(g => g.Key != "reference"))
            {
                Tensor plain = ElementwiseRunner.Run(problem, row.Single(c => c.Formats.Equals(FormatChoice.Plain)), 1, inputs);
                Candidate[] blocked = [.. row.Where(c => !c.Formats.Equals(FormatChoice.Plain))];
                Assert.NotEmpty(blocked);
                foreach (Candidate candidate in blocked)
                {
                    Tensor[] converted = [.. inputs.Select((t, i) => candidate.Formats.Input(i) == Format.Plain ? t : ToBlocked(t, candidate.Formats.Input(i)))];
                    Tensor output = ElementwiseRunner.Run(problem, candidate, 2, converted);
                    Assert.True(output.AsSpan<float>().SequenceEqual(ToBlocked(plain, candidate.Formats.Output(0)).AsSpan<float>()), $"{name} {row.Key} {isa} {candidate.Formats}");
                }
            }
        }
    }

    private static Tensor ToBlocked(Tensor tensor, Format format)
    {
        var blocked = Tensor.Allocate(DType.Float32, tensor.Shape, format, clear: true);
        Span<float> from = tensor.AsSpan<float>(), to = blocked.AsSpan<float>();
        long channels = tensor.Shape[1], inner = tensor.Shape.CountOf(2..), blocks = (channels + format.Block - 1) / format.Block;
        for (int i = 0; i < from.Length; i++)
        {
            long n = i / (channels * inner), c = i / inner % channels, s = i % inner;
            to[(int)(((n * blocks + c / format.Block) * inner + s) * format.Block + c % format.Block)] = from[i];
        }
        return blocked;
    }

    private static void Check(string name, Attributes attributes, float[] x, float[] expected, int opset = 22)
    {
        foreach ((string row, Tensor output) in Run(name, opset, attributes, F32(x)))
            AssertNear(row, expected, output.AsSpan<float>());
    }

    private static void Expect(string name, float[] expected, params Tensor?[] inputs)
    {
        foreach ((string row, Tensor output) in Run(name, 13, Attributes(), inputs))
            AssertNear(row, expected, output.AsSpan<float>());
    }

    private static void Ints(string name, int[] a, int[] b, int[] expected)
    {
        foreach ((string row, Tensor output) in Run(name, 18, Attributes(), Tensor.From(a, Shape.Create(a.Length)), Tensor.From(b, Shape.Create(b.Length))))
            if (!row.StartsWith("reference", StringComparison.Ordinal))
                Assert.True(output.AsSpan<int>().SequenceEqual(expected), $"{name} {row}: {string.Join(",", output.AsSpan<int>().ToArray())}");
    }

    private static void Truths(string name, float[] a, float[]? b, bool[] expected)
    {
        foreach ((string row, Tensor output) in b is null ? Run(name, 20, Attributes(), F32(a)) : Run(name, 16, Attributes(), F32(a), F32(b)))
            Assert.True(output.AsSpan<bool>().SequenceEqual(expected), $"{name} {row}");
    }

    private static void Logic(string name, bool[] expected, params Tensor[] inputs)
    {
        foreach ((string row, Tensor output) in Run(name, 13, Attributes(), inputs))
            Assert.True(output.AsSpan<bool>().SequenceEqual(expected), $"{name} {row}");
    }

    private static long IndexOf(long index, Shape shape, Shape operand)
    {
        long result = 0, stride = 1;
        for (int axis = shape.Rank - 1; axis >= 0; axis--)
        {
            long coordinate = index % shape[axis];
            index /= shape[axis];
            int own = axis - shape.Rank + operand.Rank;
            if (own < 0)
                continue;
            if (operand[own] != 1)
                result += coordinate * stride;
            stride *= operand[own];
        }
        return result;
    }

    private static void AssertNear(string row, float[] expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            bool same = float.IsNaN(expected[i]) ? float.IsNaN(actual[i]) : expected[i] == actual[i]
                || MathF.Abs(expected[i] - actual[i]) <= 4e-7f * MathF.Abs(expected[i]) || MathF.Abs(expected[i]) < 1e-40f && MathF.Abs(expected[i] - actual[i]) < 1e-44f;
            Assert.True(same, $"{row}: element {i} is {actual[i]:R}, not {expected[i]:R}");
        }
    }
}
