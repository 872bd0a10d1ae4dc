using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>Normalises one contiguous float32 row by its own statistics: corrected two-pass (Chan, Golub and LeVeque 1983).</summary>
/// <remarks>Sums are float32 within blocks of 4096 elements and double between them. Rows that leave float32's range are done in double.</remarks>
internal static unsafe class RowNorm
{
    private const int Block = 4096;

    /// <summary>The longest chain of roundings of <paramref name="lanes"/> lanes.</summary>
    public static double Chain(long length, int lanes) => Math.Min(Block, length) / (2.0 * lanes) + 24;

    /// <summary>y = (s - mean) / deviation * scale + bias; y may be s, scale and bias may be null.</summary>
    public static (double Mean, double Inverse) Normalize<S, V>(RowStatistics statistics, float* s, float* y, nint n, float* scale, float* bias)
        where S : struct, ISimd<V> where V : unmanaged
    {
        double mean = 0, total = 0, sum;
        if (statistics.Centers)
        {
            total = Sum<S, V>(s, n, 0, squares: false).First;
            float first = (float)(total / n);
            (double deviation, sum) = Sum<S, V>(s, n, first, squares: true);
            mean = first + deviation / n;
            // NaN compares false, and must stay.
            sum = double.IsNaN(sum) ? sum : Math.Max(0, sum - deviation * deviation / n);
        }
        else
            sum = Sum<S, V>(s, n, 0, squares: true).Second;
        if (!statistics.IsSafe(sum, total))
            return InDouble(statistics, s, y, n, scale, bias);
        double inverse = statistics.Inverse(sum, n);
        float high = (float)mean;
        Write<S, V>(s, y, n, high, (float)(mean - high), (float)inverse, scale, bias);
        return (mean, inverse);
    }

    private static (double First, double Second) Sum<S, V>(float* x, nint n, float shift, bool squares) where S : struct, ISimd<V> where V : unmanaged
    {
        double first = 0, second = 0;
        for (nint done = 0; done < n; done += Block)
        {
            (float one, float two) = squares ? Squares<S, V>(x + done, Math.Min(Block, n - done), shift) : (Plain<S, V>(x + done, Math.Min(Block, n - done)), 0);
            first += one;
            second += two;
        }
        return (first, second);
    }

    private static float Plain<S, V>(float* x, nint n) where S : struct, ISimd<V> where V : unmanaged
    {
        V a0 = S.Zero, a1 = S.Zero;
        nint i = 0;
        for (; i + 2 * S.Lanes <= n; i += 2 * S.Lanes)
        {
            a0 = S.Add(a0, S.Load(x + i));
            a1 = S.Add(a1, S.Load(x + i + S.Lanes));
        }
        for (; i < n; i += S.Lanes)
            a0 = S.Add(a0, S.LoadPartial(x + i, (int)Math.Min(S.Lanes, n - i)));
        return S.Sum(S.Add(a0, a1));
    }

    private static (float First, float Second) Squares<S, V>(float* x, nint n, float shift) where S : struct, ISimd<V> where V : unmanaged
    {
        V a0 = S.Zero, a1 = S.Zero, b0 = S.Zero, b1 = S.Zero, c = S.Create(shift);
        nint i = 0;
        for (; i + 2 * S.Lanes <= n; i += 2 * S.Lanes)
        {
            V d0 = S.Sub(S.Load(x + i), c), d1 = S.Sub(S.Load(x + i + S.Lanes), c);
            a0 = S.Add(a0, d0);
            a1 = S.Add(a1, d1);
            b0 = S.MulAdd(d0, d0, b0);
            b1 = S.MulAdd(d1, d1, b1);
        }
        float tail = 0, tailSquares = 0;
        for (; i + S.Lanes <= n; i += S.Lanes)
        {
            V d = S.Sub(S.Load(x + i), c);
            a0 = S.Add(a0, d);
            b0 = S.MulAdd(d, d, b0);
        }
        for (; i < n; i++)
        {
            float d = x[i] - shift;
            tail += d;
            tailSquares += d * d;
        }
        return (S.Sum(S.Add(a0, a1)) + tail, S.Sum(S.Add(b0, b1)) + tailSquares);
    }

    private static void Write<S, V>(float* s, float* y, nint n, float high, float low, float inverse, float* scale, float* bias) where S : struct, ISimd<V> where V : unmanaged
    {
        V h = S.Create(high), l = S.Create(low), v = S.Create(inverse), one = S.Create(1);
        nint i = 0;
        for (; i + S.Lanes <= n; i += S.Lanes)
        {
            V d = S.Mul(S.Sub(S.Sub(S.Load(s + i), h), l), v);
            S.Store(S.MulAdd(d, scale == null ? one : S.Load(scale + i), bias == null ? S.Zero : S.Load(bias + i)), y + i);
        }
        if (i == n)
            return;
        int rest = (int)(n - i);
        V last = S.Mul(S.Sub(S.Sub(S.LoadPartial(s + i, rest), h), l), v);
        S.StorePartial(S.MulAdd(last, scale == null ? one : S.LoadPartial(scale + i, rest), bias == null ? S.Zero : S.LoadPartial(bias + i, rest)), y + i, rest);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (double Mean, double Inverse) InDouble(RowStatistics statistics, float* s, float* y, nint n, float* scale, float* bias) =>
        RowInDouble.Normalize<Float32Element>(statistics, new RowInDouble.Shape(new RowAxis(1, 0, 0, 0), new RowAxis(n, 1, 1, 1)), s, y, 0, scale, 0, bias, 0);
}
