namespace Ai3.Ops.Tests;

/// <summary>The vector functions against double, over every exponent and both signs, at every instruction set.</summary>
public class ElementwiseVectorMathTests
{
    private delegate void Body(float[] x, float[] y);

    public static TheoryData<string, double> Functions => new()
    {
        { "exp", 1 }, { "expm1", 2 }, { "log", 1 }, { "logp1", 3 }, { "sigmoid", 3 }, { "tanh", 3 }, { "erf", 4 },
    };

    [Theory, MemberData(nameof(Functions))]
    public void StaysWithinItsUlpBound(string name, double bound)
    {
        float[] x = DenseSample(name == "logp1");
        var y = new float[x.Length];
        foreach (IsaLevel level in Isa.Supported)
        {
            Isa.Select<Runner, Body>(level, new Runner(name))(x, y);
            double worst = 0;
            float at = 0;
            for (int i = 0; i < x.Length; i++)
            {
                double ulp = Ulps(y[i], Exact(name, x[i]));
                if (!(ulp <= worst))
                    (worst, at) = (ulp, x[i]);
            }
            Assert.True(worst <= bound, $"{name} at {level}: {worst:F3} ULP at {at:R} (0x{BitConverter.SingleToInt32Bits(at):X8}), bound {bound}");
        }
    }

    // Every 2^11th float of both signs (all exponents, 4096 mantissas each), more densely where the functions bend.
    private static float[] DenseSample(bool onlyPositive)
    {
        var sample = new List<float>();
        for (long bits = 0; bits <= uint.MaxValue; bits += 2039)
            sample.Add(BitConverter.UInt32BitsToSingle((uint)bits));
        for (int i = -240_000; i <= 240_000; i++)
            sample.Add(i * (110f / 240_000) + 1e-5f * (i % 7));
        for (int i = -200_000; i <= 200_000; i++)
            sample.Add(i * (5f / 200_000));
        for (int i = 0; i < 100_000; i++)
            sample.Add(0.5f + i * 1.5e-5f);
        sample.AddRange([0f, -0f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.Epsilon, -float.Epsilon, float.MaxValue, float.MinValue, 88.7228394f, 88.72284f, -87.33655f, -103.97f, -103.98f]);
        if (onlyPositive)
            sample.RemoveAll(float.IsNegative);
        while (sample.Count % 16 != 0)
            sample.Add(1);
        return [.. sample];
    }

    private static double Ulps(float actual, double exact)
    {
        if (double.IsNaN(exact))
            return float.IsNaN(actual) ? 0 : double.PositiveInfinity;
        float rounded = (float)exact;
        if (float.IsNaN(actual))
            return double.PositiveInfinity;
        if (float.IsInfinity(rounded) || float.IsInfinity(actual))
            return rounded == actual ? 0 : MathF.Abs(actual) == float.MaxValue || MathF.Abs(rounded) == float.MaxValue ? 1 : double.PositiveInfinity;
        if (exact == 0 && (float.IsNegative(actual) != double.IsNegative(exact) || actual != 0))
            return double.PositiveInfinity;
        int exponent = Math.Max(Math.ILogB(exact == 0 ? 1e-300 : exact), -126);
        return Math.Abs(actual - exact) / Math.ScaleB(1, exponent - 23);
    }

    private static double Exact(string name, double x) => name switch
    {
        "exp" => Math.Exp(x),
        "expm1" => x == 0 ? x : Math.Abs(x) < 1e-4 ? x + x * x / 2 + x * x * x / 6 : x > 700 ? Math.Exp(x) : x < -700 ? -1 : 2 * Math.Sinh(x / 2) * Math.Exp(x / 2),
        "log" => Math.Log(x),
        "logp1" => x < 1e-5 ? x - x * x / 2 + x * x * x / 3 : Math.Log(1 + x),
        "sigmoid" => 1 / (1 + Math.Exp(-x)),
        "tanh" => Math.Tanh(x),
        "erf" => ErfExact(x),
        _ => throw new ArgumentException(name),
    };

    // 2/sqrt(pi) e^(-x^2) sum 2^n x^(2n+1) / (2n+1)!!, all terms of one sign; 1 beyond 6.
    private static double ErfExact(double x)
    {
        if (double.IsNaN(x))
            return x;
        if (Math.Abs(x) > 6)
            return Math.Sign(x);
        if (x == 0)
            return x;
        double term = x, sum = x;
        for (int n = 1; n < 400 && Math.Abs(term) > 1e-18 * Math.Abs(sum); n++)
        {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    private readonly struct Runner(string name) : IIsaFunc<Body>
    {
        public unsafe Body Create<S, V>() where S : struct, ISimd<V> where V : unmanaged
        {
            string function = name;
            return (x, y) =>
            {
                fixed (float* px = x, py = y)
                    for (int i = 0; i < x.Length; i += S.Lanes)
                    {
                        V v = S.Load(px + i);
                        S.Store(function switch
                        {
                            "exp" => VectorMath.Exp<S, V>(v),
                            "expm1" => VectorMath.ExpM1<S, V>(v),
                            "log" => VectorMath.Log<S, V>(v),
                            "logp1" => VectorMath.LogP1<S, V>(v),
                            "sigmoid" => VectorMath.Sigmoid<S, V>(v),
                            "tanh" => VectorMath.Tanh<S, V>(v),
                            _ => VectorMath.Erf<S, V>(v),
                        }, py + i);
                    }
            };
        }
    }
}
