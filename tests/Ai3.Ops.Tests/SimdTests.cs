namespace Ai3.Ops.Tests;

/// <summary>Every instruction set's operations give the same values, lane by lane.</summary>
public sealed class SimdTests
{
    public static TheoryData<IsaLevel> Levels => [.. Isa.Supported];

    [Theory, MemberData(nameof(Levels))]
    public void OperationsAgreeWithScalarArithmetic(IsaLevel level) => Isa.Select<Arithmetic, bool>(level, default);

    [Theory, MemberData(nameof(Levels))]
    public void PartialAccessTouchesNothingElse(IsaLevel level) => Isa.Select<Partial, bool>(level, default);

    [Theory, MemberData(nameof(Levels))]
    public void AcrossLanes(IsaLevel level) => Isa.Select<Across, bool>(level, default);

    [Fact]
    public void LevelsAreNamed()
    {
        Assert.Equal(IsaLevel.Avx2, Isa.Parse("avx2"));
        Assert.Equal(IsaLevel.Scalar, Isa.Parse("Scalar"));
        Assert.Throws<ArgumentException>(() => Isa.Parse("2"));
        Assert.Contains(IsaLevel.Scalar, Isa.Supported);
        Assert.Equal(Isa.Supported.Max(), Isa.Best);
    }

    private static readonly float[] s_values =
    [
        0, -0.0f, 1, -1, 0.5f, -0.5f, 1.5f, 2.5f, -2.5f, 3.75f, -3.75f, 1e30f, -1e30f, 1e-40f, float.PositiveInfinity, float.NegativeInfinity, float.NaN,
    ];

    private readonly unsafe struct Arithmetic : IIsaFunc<bool>
    {
        public bool Create<S, V>() where S : struct, ISimd<V> where V : unmanaged
        {
            foreach (float a in s_values)
            {
                Same<S, V>(S.Sqrt(S.Create(a)), MathF.Sqrt(a));
                Same<S, V>(S.Abs(S.Create(a)), MathF.Abs(a));
                Same<S, V>(S.Negate(S.Create(a)), -a);
                Same<S, V>(S.Floor(S.Create(a)), MathF.Floor(a));
                Same<S, V>(S.Ceiling(S.Create(a)), MathF.Ceiling(a));
                Same<S, V>(S.Truncate(S.Create(a)), MathF.Truncate(a));
                Same<S, V>(S.RoundToEven(S.Create(a)), MathF.Round(a));
                Bits<S, V>(S.IsNaN(S.Create(a)), float.IsNaN(a) ? -1 : 0);
                if (MathF.Abs(a) < 1e9f)
                {
                    int rounded = (int)MathF.Round(a);
                    Bits<S, V>(S.ToInt(S.Create(a)), rounded);
                    Same<S, V>(S.FromInt(S.CreateInt(rounded)), rounded);
                }
                foreach (float b in s_values)
                    Pair<S, V>(a, b);
            }
            foreach (int x in new[] { 0, 1, -1, 0x12345678, int.MinValue })
            {
                Bits<S, V>(S.ShiftLeftInt(S.CreateInt(x), 23), x << 23);
                Bits<S, V>(S.ShiftRightInt(S.CreateInt(x), 4), x >>> 4);
                Bits<S, V>(S.ShiftRightSignedInt(S.CreateInt(x), 4), x >> 4);
                Bits<S, V>(S.AddInt(S.CreateInt(x), S.CreateInt(77)), x + 77);
                Bits<S, V>(S.SubInt(S.CreateInt(x), S.CreateInt(77)), x - 77);
                Bits<S, V>(S.And(S.CreateInt(x), S.CreateInt(0xF0F0)), x & 0xF0F0);
                Bits<S, V>(S.AndNot(S.CreateInt(x), S.CreateInt(0xF0F0)), ~x & 0xF0F0);
                Bits<S, V>(S.Or(S.CreateInt(x), S.CreateInt(0xF0F0)), x | 0xF0F0);
                Bits<S, V>(S.Xor(S.CreateInt(x), S.CreateInt(0xF0F0)), x ^ 0xF0F0);
            }
            return true;
        }

        private static void Pair<S, V>(float a, float b) where S : struct, ISimd<V> where V : unmanaged
        {
            V x = S.Create(a), y = S.Create(b);
            Same<S, V>(S.Add(x, y), a + b);
            Same<S, V>(S.Sub(x, y), a - b);
            Same<S, V>(S.Mul(x, y), a * b);
            Same<S, V>(S.Div(x, y), a / b);
            Same<S, V>(S.MulAdd(S.Create(2), x, y), 2 * a + b);
            Same<S, V>(S.MulSub(S.Create(2), x, y), 2 * a - b);
            Same<S, V>(S.NegMulAdd(S.Create(2), x, y), b - 2 * a);
            Bits<S, V>(S.Min(x, y), BitConverter.SingleToInt32Bits(a < b ? a : b));
            Bits<S, V>(S.Max(x, y), BitConverter.SingleToInt32Bits(a > b ? a : b));
            Bits<S, V>(S.LessThan(x, y), a < b ? -1 : 0);
            Bits<S, V>(S.LessOrEqual(x, y), a <= b ? -1 : 0);
            Bits<S, V>(S.Equal(x, y), a == b ? -1 : 0);
            Bits<S, V>(S.Select(S.LessThan(x, y), x, y), BitConverter.SingleToInt32Bits(a < b ? a : b));
        }

        private static void Same<S, V>(V actual, float expected) where S : struct, ISimd<V> where V : unmanaged
        {
            float* lanes = stackalloc float[S.Lanes];
            S.Store(actual, lanes);
            for (int i = 0; i < S.Lanes; i++)
                Assert.True(float.IsNaN(expected) ? float.IsNaN(lanes[i]) : BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(lanes[i]),
                    $"{lanes[i]} is not {expected}");
        }

        private static void Bits<S, V>(V actual, int expected) where S : struct, ISimd<V> where V : unmanaged
        {
            float* lanes = stackalloc float[S.Lanes];
            S.Store(actual, lanes);
            for (int i = 0; i < S.Lanes; i++)
                Assert.Equal(expected, BitConverter.SingleToInt32Bits(lanes[i]));
        }
    }

    private readonly unsafe struct Partial : IIsaFunc<bool>
    {
        public bool Create<S, V>() where S : struct, ISimd<V> where V : unmanaged
        {
            float* source = stackalloc float[S.Lanes + 2];
            float* target = stackalloc float[S.Lanes + 2];
            float* lanes = stackalloc float[S.Lanes];
            for (int n = 1; n <= S.Lanes; n++)
            {
                for (int i = 0; i < S.Lanes + 2; i++)
                {
                    source[i] = i;
                    target[i] = -1;
                }
                V v = S.LoadPartial(source + 1, n);
                S.Store(v, lanes);
                S.StorePartial(v, target + 1, n);
                for (int i = 0; i < S.Lanes; i++)
                {
                    Assert.Equal(i < n ? i + 1 : 0, lanes[i]);
                    Assert.Equal(i < n ? i + 1 : -1, target[i + 1]);
                }
                Assert.Equal(-1, target[0]);
                Assert.Equal(-1, target[S.Lanes + 1]);
            }
            return true;
        }
    }

    private readonly unsafe struct Across : IIsaFunc<bool>
    {
        public bool Create<S, V>() where S : struct, ISimd<V> where V : unmanaged
        {
            float* lanes = stackalloc float[S.Lanes];
            float sum = 0;
            for (int i = 0; i < S.Lanes; i++)
                sum += lanes[i] = i * 7 % 16 - 5;
            V v = S.Load(lanes);
            Assert.Equal(sum, S.Sum(v));
            Assert.Equal(new ReadOnlySpan<float>(lanes, S.Lanes).ToArray().Max(), S.MaxAcross(v));
            Assert.Equal(new ReadOnlySpan<float>(lanes, S.Lanes).ToArray().Min(), S.MinAcross(v));
            return true;
        }
    }
}
