namespace Ai3.Ops;

/// <summary>The row's maximum; e^(x - max), stored and added up; a multiplication. LogSoftmax stores only at the end.</summary>
internal readonly unsafe struct SoftmaxThreePass : ISoftmaxRow
{
    public static double CostHint(Request<SoftmaxProblem> r) =>
        100 + (SoftmaxRows.Vectors(r) * (r.Problem.Inner == 1 ? 3.2 : 8) + r.Problem.Outer * 15.0 + r.Problem.Traffic / r.Target.BytesPerNanosecond / 4) / r.Target.Threads
            + SoftmaxRows.Streaming(r, 6);

    // The chain, the exponential, the reciprocal and the product; S counts what rounding x - max does.
    public static ErrorBound Error(SoftmaxProblem p, Target target) => ErrorBound.Relative(SoftmaxRows.Chain(p, target) + 6);

    public static void Contiguous<S, V>(bool log, float* x, float* y, nint n) where S : struct, ISimd<V> where V : unmanaged
    {
        float largest = Largest<S, V>(x, n);
        double sum = 0;
        for (nint done = 0; done < n; done += SoftmaxRows.Block)
            sum += Exponentials<S, V>(!log, x + done, y + done, Math.Min(SoftmaxRows.Block, n - done), largest);
        if (log)
        {
            SoftmaxRows.WriteLogs<S, V>(x, y, n, largest, sum);
            return;
        }
        V factor = S.Create((float)(1 / sum));
        for (nint i = 0; i < n; i += S.Lanes)
        {
            int lanes = (int)Math.Min(S.Lanes, n - i);
            SoftmaxRows.Store<S, V>(S.Mul(SoftmaxRows.Load<S, V>(y + i, lanes), factor), y + i, lanes);
        }
    }

    public static void Lanes<S, V>(bool log, float* x, float* y, nint n, nint stride, int lanes) where S : struct, ISimd<V> where V : unmanaged
    {
        V largest = SoftmaxRows.Load<S, V>(x, lanes), sum = S.Zero;
        for (nint i = 1; i < n; i++)
            largest = S.Max(largest, SoftmaxRows.Load<S, V>(x + i * stride, lanes));
        float* from = x, to = y;
        for (nint done = 0; done < n; done += SoftmaxRows.LaneBlock)
        {
            V part = S.Zero;
            for (nint i = Math.Min(SoftmaxRows.LaneBlock, n - done); i > 0; i--, from += stride, to += stride)
            {
                V e = VectorMath.Exp<S, V>(S.Sub(SoftmaxRows.Load<S, V>(from, lanes), largest));
                part = S.Add(part, e);
                if (!log)
                    SoftmaxRows.Store<S, V>(e, to, lanes);
            }
            sum = S.Add(sum, part);
        }
        if (log)
        {
            SoftmaxRows.WriteLanes<S, V>(true, x, y, n, stride, lanes, largest, sum);
            return;
        }
        V factor = S.Div(S.Create(1), sum);
        for (nint i = 0; i < n; i++, y += stride)
            SoftmaxRows.Store<S, V>(S.Mul(SoftmaxRows.Load<S, V>(y, lanes), factor), y, lanes);
    }

    // Any value if an element is NaN: the sum is NaN then all the same.
    private static float Largest<S, V>(float* x, nint n) where S : struct, ISimd<V> where V : unmanaged
    {
        V m0 = S.Create(float.NegativeInfinity), m1 = m0, m2 = m0, m3 = m0;
        nint i = 0;
        for (; i + 4 * S.Lanes <= n; i += 4 * S.Lanes)
        {
            m0 = S.Max(m0, S.Load(x + i));
            m1 = S.Max(m1, S.Load(x + i + S.Lanes));
            m2 = S.Max(m2, S.Load(x + i + 2 * S.Lanes));
            m3 = S.Max(m3, S.Load(x + i + 3 * S.Lanes));
        }
        for (; i + S.Lanes <= n; i += S.Lanes)
            m0 = S.Max(m0, S.Load(x + i));
        float largest = S.MaxAcross(S.Max(S.Max(m0, m1), S.Max(m2, m3)));
        for (; i < n; i++)
            largest = SimdScalar.Max(largest, x[i]);
        return largest;
    }

    private static float Exponentials<S, V>(bool store, float* x, float* y, nint n, float largest) where S : struct, ISimd<V> where V : unmanaged
    {
        V m = S.Create(largest), s0 = S.Zero, s1 = S.Zero, s2 = S.Zero, s3 = S.Zero;
        nint i = 0;
        for (; i + 4 * S.Lanes <= n; i += 4 * S.Lanes)
        {
            V e0 = VectorMath.Exp<S, V>(S.Sub(S.Load(x + i), m));
            V e1 = VectorMath.Exp<S, V>(S.Sub(S.Load(x + i + S.Lanes), m));
            V e2 = VectorMath.Exp<S, V>(S.Sub(S.Load(x + i + 2 * S.Lanes), m));
            V e3 = VectorMath.Exp<S, V>(S.Sub(S.Load(x + i + 3 * S.Lanes), m));
            s0 = S.Add(s0, e0);
            s1 = S.Add(s1, e1);
            s2 = S.Add(s2, e2);
            s3 = S.Add(s3, e3);
            if (!store)
                continue;
            S.Store(e0, y + i);
            S.Store(e1, y + i + S.Lanes);
            S.Store(e2, y + i + 2 * S.Lanes);
            S.Store(e3, y + i + 3 * S.Lanes);
        }
        for (; i + S.Lanes <= n; i += S.Lanes)
        {
            V e = VectorMath.Exp<S, V>(S.Sub(S.Load(x + i), m));
            s0 = S.Add(s0, e);
            if (store)
                S.Store(e, y + i);
        }
        float tail = 0;
        for (; i < n; i++)
        {
            float e = VectorMath.Exp<SimdScalar, float>(x[i] - largest);
            tail += e;
            if (store)
                y[i] = e;
        }
        return S.Sum(S.Add(S.Add(s0, s1), S.Add(s2, s3))) + tail;
    }
}
