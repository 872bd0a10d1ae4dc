namespace Ai3.Ops;

/// <summary>
/// One pass finds maximum and sum together, rescaling the sum as the maximum grows; a second writes e^(x - max) / sum. Milakov and
/// Gimelshein 2018, arXiv:1805.02867, with a maximum and a sum in every lane and one rescaling for four vectors.
/// </summary>
/// <remarks>The maximum begins at the lowest finite number: a row of minus infinities then has sum 0 and gives 0 * (1/0) = NaN.</remarks>
internal readonly unsafe struct SoftmaxOnline : ISoftmaxRow
{
    public static double CostHint(Request<SoftmaxProblem> r) =>
        100 + (SoftmaxRows.Vectors(r) * (r.Problem.Inner == 1 ? 6 : 9) + r.Problem.Outer * 40.0 + r.Problem.Traffic / r.Target.BytesPerNanosecond / 5) / r.Target.Threads
            + SoftmaxRows.Streaming(r, 4);

    // Each rescaling is an exponential and a product, each link of the chain at most one more addition than three passes have.
    public static ErrorBound Error(SoftmaxProblem p, Target target) => ErrorBound.Relative(5 * SoftmaxRows.Chain(p, target) + 10);

    public static void Contiguous<S, V>(bool log, float* x, float* y, nint n) where S : struct, ISimd<V> where V : unmanaged
    {
        float largest = float.MinValue;
        double sum = 0;
        for (nint done = 0; done < n; done += SoftmaxRows.Block)
        {
            float part = Reduce<S, V>(x + done, Math.Min(SoftmaxRows.Block, n - done), out float partLargest);
            float next = SimdScalar.Max(largest, partLargest);
            sum = sum * Math.Exp((double)largest - next) + part * Math.Exp((double)partLargest - next);
            largest = next;
        }
        if (log)
        {
            SoftmaxRows.WriteLogs<S, V>(x, y, n, largest, sum);
            return;
        }
        V m = S.Create(largest), factor = S.Create((float)(1 / sum));
        for (nint i = 0; i < n; i += S.Lanes)
        {
            int lanes = (int)Math.Min(S.Lanes, n - i);
            SoftmaxRows.Store<S, V>(S.Mul(VectorMath.Exp<S, V>(S.Sub(SoftmaxRows.Load<S, V>(x + i, lanes), m)), factor), y + i, lanes);
        }
    }

    public static void Lanes<S, V>(bool log, float* x, float* y, nint n, nint stride, int lanes) where S : struct, ISimd<V> where V : unmanaged
    {
        V largest = S.Create(float.MinValue), sum = S.Zero;
        float* from = x;
        for (nint done = 0; done < n; done += SoftmaxRows.LaneBlock)
        {
            V part = S.Zero, partLargest = S.Create(float.MinValue);
            for (nint i = Math.Min(SoftmaxRows.LaneBlock, n - done); i > 0; i--, from += stride)
            {
                V v = SoftmaxRows.Load<S, V>(from, lanes);
                V next = S.Max(partLargest, v);
                part = S.MulAdd(part, VectorMath.Exp<S, V>(S.Sub(partLargest, next)), VectorMath.Exp<S, V>(S.Sub(v, next)));
                partLargest = next;
            }
            Merge<S, V>(ref largest, ref sum, partLargest, part);
        }
        SoftmaxRows.WriteLanes<S, V>(log, x, y, n, stride, lanes, largest, sum);
    }

    private static float Reduce<S, V>(float* x, nint n, out float largest) where S : struct, ISimd<V> where V : unmanaged
    {
        V m = S.Create(float.MinValue), s = S.Zero;
        nint i = 0;
        for (; i + 4 * S.Lanes <= n; i += 4 * S.Lanes)
        {
            V v0 = S.Load(x + i), v1 = S.Load(x + i + S.Lanes), v2 = S.Load(x + i + 2 * S.Lanes), v3 = S.Load(x + i + 3 * S.Lanes);
            V next = S.Max(m, S.Max(S.Max(v0, v1), S.Max(v2, v3)));
            V e0 = S.Add(VectorMath.Exp<S, V>(S.Sub(v0, next)), VectorMath.Exp<S, V>(S.Sub(v1, next)));
            V e1 = S.Add(VectorMath.Exp<S, V>(S.Sub(v2, next)), VectorMath.Exp<S, V>(S.Sub(v3, next)));
            s = S.MulAdd(s, VectorMath.Exp<S, V>(S.Sub(m, next)), S.Add(e0, e1));
            m = next;
        }
        for (; i + S.Lanes <= n; i += S.Lanes)
        {
            V v = S.Load(x + i);
            V next = S.Max(m, v);
            s = S.MulAdd(s, VectorMath.Exp<S, V>(S.Sub(m, next)), VectorMath.Exp<S, V>(S.Sub(v, next)));
            m = next;
        }
        float tailLargest = float.MinValue, tail = 0;
        for (; i < n; i++)
        {
            float next = SimdScalar.Max(tailLargest, x[i]);
            tail = tail * VectorMath.Exp<SimdScalar, float>(tailLargest - next) + VectorMath.Exp<SimdScalar, float>(x[i] - next);
            tailLargest = next;
        }
        largest = SimdScalar.Max(S.MaxAcross(m), tailLargest);
        return S.Sum(S.Mul(s, VectorMath.Exp<S, V>(S.Sub(m, S.Create(largest))))) + tail * VectorMath.Exp<SimdScalar, float>(tailLargest - largest);
    }

    private static void Merge<S, V>(ref V largest, ref V sum, V otherLargest, V other) where S : struct, ISimd<V> where V : unmanaged
    {
        V next = S.Max(largest, otherLargest);
        sum = S.MulAdd(sum, VectorMath.Exp<S, V>(S.Sub(largest, next)), S.Mul(other, VectorMath.Exp<S, V>(S.Sub(otherLargest, next))));
        largest = next;
    }
}
