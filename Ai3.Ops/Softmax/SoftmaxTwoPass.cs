namespace Ai3.Ops;

/// <summary>
/// e^x as a mantissa m and an exponent n kept apart, m 2^n, so that no sum overflows and no maximum is needed: one pass adds the pairs
/// up, a second writes e^x / sum. Dukhan and Ablavatski 2020, arXiv:2001.04438.
/// </summary>
/// <remarks>
/// It reads x twice and writes y once, where three passes read x twice and y once and write y twice: that is worth a second exponential
/// where rows leave the caches. e^x of x itself needs x - n ln 2 to full accuracy, so x is clamped to +-<see cref="Limit"/>: far
/// below the sum that changes nothing, and a row whose sum is not well inside (huge, infinite, NaN) takes three passes.
/// </remarks>
internal readonly unsafe struct SoftmaxTwoPass : ISoftmaxRow
{
    // Within it n * Ln2High is exact, and n * Ln2Low and the rounding of ln 2 cost 2 units of the last place.
    private const float Limit = 4096;

    // Exponents of sums for which clamping lost nothing: an element at the lower limit is 2^-259 of such a sum.
    private const float LeastExponent = -5650, GreatestExponent = 5900;

    public static double CostHint(Request<SoftmaxProblem> r) =>
        100 + (SoftmaxRows.Vectors(r) * (r.Problem.Inner == 1 ? 6 : 9) + r.Problem.Outer * 30.0 + r.Problem.Traffic / r.Target.BytesPerNanosecond / 5) / r.Target.Threads
            + SoftmaxRows.Streaming(r, 4);

    // A link of the chain is an addition, for scalings are exact, and a tail has 15 links of its own; the exponentials of the sum and of
    // the element, 4 each with what |x| up to the limit costs; the sum's rounding and the quotient.
    public static ErrorBound Error(SoftmaxProblem p, Target target) => ErrorBound.Relative(SoftmaxRows.Chain(p, target) + 25);

    public static void Contiguous<S, V>(bool log, float* x, float* y, nint n) where S : struct, ISimd<V> where V : unmanaged
    {
        double sum = 0, exponent = float.MinValue;
        for (nint done = 0; done < n; done += SoftmaxRows.Block)
        {
            float part = Reduce<S, V>(x + done, Math.Min(SoftmaxRows.Block, n - done), out float partExponent);
            double next = Math.Max(exponent, partExponent);
            sum = sum * Power(exponent - next) + part * Power(partExponent - next);
            exponent = next;
        }
        if (!(sum > 0 && exponent is >= LeastExponent and <= GreatestExponent))
        {
            SoftmaxThreePass.Contiguous<S, V>(log, x, y, n);
            return;
        }
        V e = S.Create((float)exponent), divisor = S.Create((float)sum);
        V high = S.Create((float)exponent * VectorMath.Ln2High), low = S.Create((float)(exponent * VectorMath.Ln2Low + Math.Log(sum)));
        for (nint i = 0; i < n; i += S.Lanes)
        {
            int lanes = (int)Math.Min(S.Lanes, n - i);
            V v = SoftmaxRows.Load<S, V>(x + i, lanes);
            SoftmaxRows.Store<S, V>(log ? S.Sub(S.Sub(v, high), low) : Quotient<S, V>(v, e, divisor), y + i, lanes);
        }
    }

    public static void Lanes<S, V>(bool log, float* x, float* y, nint n, nint stride, int lanes) where S : struct, ISimd<V> where V : unmanaged
    {
        V sum = S.Zero, exponent = S.Create(float.MinValue);
        float* from = x;
        for (nint done = 0; done < n; done += SoftmaxRows.LaneBlock)
        {
            V part = S.Zero, partExponent = S.Create(float.MinValue);
            for (nint i = Math.Min(SoftmaxRows.LaneBlock, n - done); i > 0; i--, from += stride)
            {
                V m = Parts<S, V>(SoftmaxRows.Load<S, V>(from, lanes), out V e);
                Add<S, V>(ref part, ref partExponent, m, e);
            }
            Add<S, V>(ref sum, ref exponent, part, partExponent);
        }
        V inside = S.And(S.LessThan(S.Zero, sum), S.And(S.LessOrEqual(S.Create(LeastExponent), exponent), S.LessOrEqual(exponent, S.Create(GreatestExponent))));
        if (S.MinAcross(S.And(inside, S.Create(1))) == 0)
        {
            SoftmaxThreePass.Lanes<S, V>(log, x, y, n, stride, lanes);
            return;
        }
        V high = S.Mul(exponent, S.Create(VectorMath.Ln2High));
        V low = S.MulAdd(exponent, S.Create(VectorMath.Ln2Low), VectorMath.Log<S, V>(sum));
        for (nint i = 0; i < n; i++, x += stride, y += stride)
        {
            V v = SoftmaxRows.Load<S, V>(x, lanes);
            SoftmaxRows.Store<S, V>(log ? S.Sub(S.Sub(v, high), low) : Quotient<S, V>(v, exponent, sum), y, lanes);
        }
    }

    private static float Reduce<S, V>(float* x, nint n, out float exponent) where S : struct, ISimd<V> where V : unmanaged
    {
        V e = S.Create(float.MinValue), s = S.Zero;
        nint i = 0;
        for (; i + 4 * S.Lanes <= n; i += 4 * S.Lanes)
        {
            V m0 = Parts<S, V>(S.Load(x + i), out V e0), m1 = Parts<S, V>(S.Load(x + i + S.Lanes), out V e1);
            V m2 = Parts<S, V>(S.Load(x + i + 2 * S.Lanes), out V e2), m3 = Parts<S, V>(S.Load(x + i + 3 * S.Lanes), out V e3);
            V next = S.Max(e, S.Max(S.Max(e0, e1), S.Max(e2, e3)));
            V low = S.Add(Scaled<S, V>(m0, S.Sub(e0, next)), Scaled<S, V>(m1, S.Sub(e1, next)));
            V high = S.Add(Scaled<S, V>(m2, S.Sub(e2, next)), Scaled<S, V>(m3, S.Sub(e3, next)));
            s = S.Add(Scaled<S, V>(s, S.Sub(e, next)), S.Add(low, high));
            e = next;
        }
        for (; i + S.Lanes <= n; i += S.Lanes)
        {
            V m = Parts<S, V>(S.Load(x + i), out V next);
            Add<S, V>(ref s, ref e, m, next);
        }
        float tail = 0, tailExponent = float.MinValue;
        for (; i < n; i++)
        {
            float m = Parts<SimdScalar, float>(x[i], out float next);
            Add<SimdScalar, float>(ref tail, ref tailExponent, m, next);
        }
        exponent = SimdScalar.Max(S.MaxAcross(e), tailExponent);
        return S.Sum(Scaled<S, V>(s, S.Sub(e, S.Create(exponent)))) + Scaled<SimdScalar, float>(tail, tailExponent - exponent);
    }

    private static V Parts<S, V>(V x, out V exponent) where S : struct, ISimd<V> where V : unmanaged =>
        VectorMath.ExpParts<S, V>(S.Max(S.Create(-Limit), S.Min(S.Create(Limit), x)), out exponent);

    private static void Add<S, V>(ref V sum, ref V exponent, V other, V otherExponent) where S : struct, ISimd<V> where V : unmanaged
    {
        V next = S.Max(exponent, otherExponent);
        sum = S.Add(Scaled<S, V>(sum, S.Sub(exponent, next)), Scaled<S, V>(other, S.Sub(otherExponent, next)));
        exponent = next;
    }

    private static V Quotient<S, V>(V x, V exponent, V sum) where S : struct, ISimd<V> where V : unmanaged
    {
        V m = Parts<S, V>(x, out V e);
        return Scaled<S, V>(S.Div(m, sum), S.Sub(e, exponent));
    }

    // m 2^e, e at most 0 where the row is no NaN; 2^-250 and less is nothing beside a sum.
    private static V Scaled<S, V>(V m, V e) where S : struct, ISimd<V> where V : unmanaged => S.Scale(m, S.Max(S.Create(-250), e));

    private static double Power(double exponent) => exponent < -1000 ? 0 : Math.ScaleB(1, (int)exponent);
}
