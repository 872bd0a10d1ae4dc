using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>Vector loops over a row of scores.</summary>
internal static unsafe class AttentionSimd
{
    /// <summary>x = scale * x.</summary>
    public static void Scale<S, V>(float* x, nint n, float scale) where S : struct, ISimd<V> where V : unmanaged
    {
        V factor = S.Create(scale);
        nint i = 0;
        for (; i + S.Lanes <= n; i += S.Lanes)
            S.Store(S.Mul(S.Load(x + i), factor), x + i);
        if (i < n)
            S.StorePartial(S.Mul(S.LoadPartial(x + i, (int)(n - i)), factor), x + i, (int)(n - i));
    }

    /// <summary>x = cap tanh(x / cap).</summary>
    public static void SoftCap<S, V>(float* x, nint n, float cap) where S : struct, ISimd<V> where V : unmanaged
    {
        V factor = S.Create(cap);
        for (nint i = 0; i < n; i += S.Lanes)
        {
            int lanes = (int)Math.Min(S.Lanes, n - i);
            S.StorePartial(S.Mul(factor, VectorMath.Tanh<S, V>(S.Div(S.LoadPartial(x + i, lanes), factor))), x + i, lanes);
        }
    }

    /// <summary>The largest element; any value if one is NaN. n is at least 1.</summary>
    public static float Largest<S, V>(float* x, nint n) where S : struct, ISimd<V> where V : unmanaged
    {
        V m0 = S.Create(float.NegativeInfinity), m1 = m0;
        nint i = 0;
        for (; i + 2 * S.Lanes <= n; i += 2 * S.Lanes)
        {
            m0 = S.Max(m0, S.Load(x + i));
            m1 = S.Max(m1, S.Load(x + i + S.Lanes));
        }
        for (; i + S.Lanes <= n; i += S.Lanes)
            m0 = S.Max(m0, S.Load(x + i));
        float largest = S.MaxAcross(S.Max(m0, m1));
        for (; i < n; i++)
            largest = SimdScalar.Max(largest, x[i]);
        return largest;
    }

    /// <summary>x = e^(x - largest); gives the sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Exponentials<S, V>(float* x, nint n, float largest) where S : struct, ISimd<V> where V : unmanaged
    {
        V m = S.Create(largest), s0 = S.Zero, s1 = S.Zero;
        nint i = 0;
        for (; i + 2 * S.Lanes <= n; i += 2 * S.Lanes)
        {
            V e0 = VectorMath.Exp<S, V>(S.Sub(S.Load(x + i), m)), e1 = VectorMath.Exp<S, V>(S.Sub(S.Load(x + i + S.Lanes), m));
            S.Store(e0, x + i);
            S.Store(e1, x + i + S.Lanes);
            s0 = S.Add(s0, e0);
            s1 = S.Add(s1, e1);
        }
        for (; i + S.Lanes <= n; i += S.Lanes)
        {
            V e = VectorMath.Exp<S, V>(S.Sub(S.Load(x + i), m));
            S.Store(e, x + i);
            s0 = S.Add(s0, e);
        }
        float tail = 0;
        if (i < n)
        {
            // Lanes past the end hold e^(minus infinity) = 0.
            int rest = (int)(n - i);
            float* last = stackalloc float[16];
            for (int k = 0; k < S.Lanes; k++)
                last[k] = k < rest ? x[i + k] : float.NegativeInfinity;
            V e = VectorMath.Exp<S, V>(S.Sub(S.Load(last), m));
            S.StorePartial(e, x + i, rest);
            S.Store(e, last);
            for (int k = 0; k < rest; k++)
                tail += last[k];
        }
        return S.Sum(S.Add(s0, s1)) + tail;
    }

    /// <summary>y = factor * x; false if an element of y is NaN or infinite.</summary>
    public static bool Finish<S, V>(float* x, float* y, nint n, float factor) where S : struct, ISimd<V> where V : unmanaged
    {
        V f = S.Create(factor), check = S.Zero;
        nint i = 0;
        for (; i + S.Lanes <= n; i += S.Lanes)
        {
            V v = S.Mul(S.Load(x + i), f);
            S.Store(v, y + i);
            check = S.MulAdd(v, S.Zero, check);
        }
        if (i < n)
        {
            V v = S.Mul(S.LoadPartial(x + i, (int)(n - i)), f);
            S.StorePartial(v, y + i, (int)(n - i));
            check = S.MulAdd(v, S.Zero, check);
        }
        return S.Sum(check) == 0;
    }
}
