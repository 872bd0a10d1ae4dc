namespace Ai3.Ops;

/// <summary>What averages are divided by: a row's share times a column's.</summary>
internal static unsafe class PoolCounts
{
    /// <summary>Elements of window <paramref name="o"/> along an axis.</summary>
    public static long Of(WindowAxis axis, long o, bool countPadding) =>
        countPadding ? axis.PaddedTaps(o) : Math.Max(0, axis.EndTap(o) - axis.FirstTap(o));

    /// <summary>Elements of each window along an axis; empty where nothing is divided.</summary>
    public static float[] Along(WindowAxis axis, bool average, bool countPadding)
    {
        var counts = new float[average ? axis.Out : 0];
        for (long o = 0; o < counts.Length; o++)
            counts[o] = Of(axis, o, countPadding);
        return counts;
    }

    /// <summary>Divides n sums of a row of windows.</summary>
    public static void Divide<S, V>(float* y, nint n, float rows, float* counts) where S : struct, ISimd<V> where V : unmanaged
    {
        nint i = 0;
        V scale = S.Create(rows);
        for (; i + S.Lanes <= n; i += S.Lanes)
            S.Store(S.Div(S.Load(y + i), S.Mul(scale, S.Load(counts + i))), y + i);
        for (; i < n; i++)
            y[i] /= rows * counts[i];
    }
}
