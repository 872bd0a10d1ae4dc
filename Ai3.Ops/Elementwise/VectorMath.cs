using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>
/// float32 functions on vectors, right for NaN, infinities, signed zeros and denormals. Coefficients are minimax (Remez)
/// fits made for these intervals; errors in ULP are the largest over all floats.
/// </summary>
internal static class VectorMath
{
    private const float Log2E = 1.44269504f;

    // ln 2 in two parts: the upper one has 9 bits, so that its products with the exponent are exact without FMA too.
    public const float Ln2High = 0.693359375f;
    public const float Ln2Low = -2.12194440e-4f;

    /// <summary>e^x; 1 ULP. Overflows to infinity above 88.72, denormal below -87.33, 0 below -103.97.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<S, V>(V x) where S : struct, ISimd<V> where V : unmanaged
    {
        V m = ExpParts<S, V>(S.Max(S.Create(-105f), S.Min(S.Create(89f), x)), out V n);
        return S.Scale(m, n);
    }

    /// <summary>e^x as m 2^n, m in [0.7, 1.42] and n integral; m is within 1 + |x| / 2000 ULP for |x| up to 2^14.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ExpParts<S, V>(V x, out V n) where S : struct, ISimd<V> where V : unmanaged
    {
        n = S.RoundToEven(S.Mul(x, S.Create(Log2E)));
        V r = ExpReduce<S, V>(x, n);
        V q = ExpTail<S, V>(r);
        V one = S.Create(1f);
        return S.Add(S.MulAdd(S.Mul(r, r), q, r), one);
    }

    /// <summary>1 + e^-x; 2 ULP. Infinity below -88.72, 1 above 16.64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V OnePlusExpOfNegative<S, V>(V x) where S : struct, ISimd<V> where V : unmanaged
    {
        x = S.Max(S.Create(-89f), S.Min(S.Create(20f), x));
        V n = S.RoundToEven(S.Mul(x, S.Create(-Log2E)));
        // x + n ln 2, the negative of what remains of -x: e^-r in powers of r. Its own error takes part in the sum, whose last bit is coarser.
        V r = S.MulAdd(n, S.Create(Ln2Low), S.MulAdd(n, S.Create(Ln2High), x));
        V q = S.Create(1.38390355e-3f);
        q = S.MulSub(q, r, S.Create(8.36919807e-3f));
        q = S.MulAdd(q, r, S.Create(4.16681021e-2f));
        q = S.MulSub(q, r, S.Create(0.166665167f));
        q = S.MulAdd(q, r, S.Create(0.49999994f));
        V one = S.Create(1f);
        q = S.MulSub(q, r, one);
        q = S.MulAdd(q, r, one);
        return S.Add(one, S.Scale(q, n));
    }

    /// <summary>e^x - 1; 2 ULP.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ExpM1<S, V>(V x) where S : struct, ISimd<V> where V : unmanaged
    {
        V clamped = S.Max(S.Create(-18f), S.Min(S.Create(89f), x));
        V n = S.RoundToEven(S.Mul(clamped, S.Create(Log2E)));
        V r = ExpReduce<S, V>(clamped, n);
        V p = S.MulAdd(S.Mul(r, r), ExpTail<S, V>(r), r);
        // 2^n p + (2^n - 1); halved so that 2^128 stays finite.
        V half = PowerOfTwo<S, V>(n, 126);
        V y = S.MulAdd(half, p, S.Sub(half, S.Create(0.5f)));
        y = S.Add(y, y);
        return S.Select(S.Equal(x, S.Zero), x, y);
    }

    /// <summary>Natural logarithm; 1 ULP. -infinity at both zeros, NaN below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log<S, V>(V x) where S : struct, ISimd<V> where V : unmanaged
    {
        V denormal = S.LessThan(x, S.Create(1.17549435e-38f));
        V scaled = S.Select(denormal, S.Mul(x, S.Create(8388608f)), x);
        // The exponent such that the mantissa m lies in [sqrt(1/2), sqrt(2)).
        V e = S.ShiftRightSignedInt(S.SubInt(scaled, S.CreateInt(0x3F3504F3)), 23);
        V f = S.Sub(S.SubInt(scaled, S.ShiftLeftInt(e, 23)), S.Create(1f));
        V n = S.Sub(S.FromInt(e), S.And(denormal, S.Create(23f)));
        V p = S.Create(-0.07642024f);
        p = S.MulAdd(p, f, S.Create(0.12768896f));
        p = S.MulAdd(p, f, S.Create(-0.13160747f));
        p = S.MulAdd(p, f, S.Create(0.14200777f));
        p = S.MulAdd(p, f, S.Create(-0.16623208f));
        p = S.MulAdd(p, f, S.Create(0.20001264f));
        p = S.MulAdd(p, f, S.Create(-0.25000826f));
        p = S.MulAdd(p, f, S.Create(0.33333331f));
        V square = S.Mul(f, f);
        V low = S.MulAdd(n, S.Create(Ln2Low), S.Mul(S.Mul(square, f), p));
        V y = S.Add(S.Add(S.NegMulAdd(S.Create(0.5f), square, low), f), S.Mul(n, S.Create(Ln2High)));
        V infinity = S.Create(float.PositiveInfinity);
        y = S.Select(S.Equal(x, infinity), infinity, y);
        y = S.Select(S.Equal(x, S.Zero), S.Create(float.NegativeInfinity), y);
        // NaN for x < 0, and a NaN x itself.
        y = S.Select(S.LessThan(x, S.Zero), S.Create(float.NaN), y);
        return S.Select(S.IsNaN(x), x, y);
    }

    /// <summary>log(1 + x) for x in [0, infinity]; 3 ULP.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LogP1<S, V>(V x) where S : struct, ISimd<V> where V : unmanaged
    {
        V u = S.Add(x, S.Create(1f));
        // What the rounding of u lost, as a relative correction; not for an infinite x.
        V lost = S.Sub(x, S.Sub(u, S.Create(1f)));
        V y = S.Add(Log<S, V>(u), S.Div(lost, u));
        return S.Select(S.LessThan(x, S.Create(1e30f)), y, Log<S, V>(x));
    }

    /// <summary>1 / (1 + e^-x); 3 ULP, denormal results included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid<S, V>(V x) where S : struct, ISimd<V> where V : unmanaged
    {
        V one = S.Create(1f);
        // With e = e^-|x| <= 1 nothing overflows: 1/(1+e) for x >= 0, e/(1+e) below.
        V e = Exp<S, V>(S.Negate(S.Abs(x)));
        return S.Div(S.Select(S.LessThan(x, S.Zero), e, one), S.Add(one, e));
    }

    /// <summary>Hyperbolic tangent; 3 ULP. t / (t + 2) with t = e^2|x| - 1, which keeps small x and rounds little near 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh<S, V>(V x) where S : struct, ISimd<V> where V : unmanaged
    {
        // Above 9.02 the result rounds to 1.
        V a = S.Min(S.Create(10f), S.Abs(x));
        a = S.Add(a, a);
        V n = S.RoundToEven(S.Mul(a, S.Create(Log2E)));
        V r = ExpReduce<S, V>(a, n);
        V p = S.MulAdd(S.Mul(r, r), ExpTail<S, V>(r), r);
        V scale = PowerOfTwo<S, V>(n, 127);
        V t = S.MulAdd(scale, p, S.Sub(scale, S.Create(1f)));
        return CopySign<S, V>(S.Div(t, S.Add(t, S.Create(2f))), x);
    }

    /// <summary>The error function; 4 ULP. x + x P(x^2) below 0.95, 1 - P(|x|)^-8 above.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Erf<S, V>(V x) where S : struct, ISimd<V> where V : unmanaged
    {
        // Above 3.93 the result rounds to 1.
        V a = S.Min(S.Create(4f), S.Abs(x));
        V t = S.Mul(a, a);
        V p = S.Create(-5.77907194e-4f);
        p = S.MulAdd(p, t, S.Create(4.95011639e-3f));
        p = S.MulAdd(p, t, S.Create(-2.67362297e-2f));
        p = S.MulAdd(p, t, S.Create(0.112809502f));
        p = S.MulAdd(p, t, S.Create(-0.376124084f));
        p = S.MulAdd(p, t, S.Create(0.128379136f));
        V small = S.MulAdd(a, p, a);
        V s = S.Create(5.14538202e-4f);
        s = S.MulAdd(s, a, S.Create(-3.65514192e-3f));
        s = S.MulAdd(s, a, S.Create(1.60139073e-2f));
        s = S.MulAdd(s, a, S.Create(-2.82958876e-2f));
        s = S.MulAdd(s, a, S.Create(6.61388785e-2f));
        s = S.MulAdd(s, a, S.Create(5.65943681e-2f));
        s = S.MulAdd(s, a, S.Create(0.155511856f));
        s = S.MulAdd(s, a, S.Create(0.997289598f));
        s = S.Mul(s, s);
        s = S.Mul(s, s);
        s = S.Mul(s, s);
        V one = S.Create(1f);
        V large = S.Sub(one, S.Div(one, s));
        return CopySign<S, V>(S.Select(S.LessThan(a, S.Create(0.95f)), small, large), x);
    }

    /// <summary>The magnitude of one vector with the sign of another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V CopySign<S, V>(V magnitude, V sign) where S : struct, ISimd<V> where V : unmanaged =>
        S.Or(magnitude, S.And(sign, S.CreateInt(int.MinValue)));

    // 2^(n + bias - 127), which must be a normal number.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V PowerOfTwo<S, V>(V n, int bias) where S : struct, ISimd<V> where V : unmanaged =>
        S.ShiftLeftInt(S.AddInt(S.ToInt(n), S.CreateInt(bias)), 23);

    // x - n ln 2, in [-0.347, 0.347].
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpReduce<S, V>(V x, V n) where S : struct, ISimd<V> where V : unmanaged =>
        S.NegMulAdd(n, S.Create(Ln2Low), S.NegMulAdd(n, S.Create(Ln2High), x));

    // (e^r - 1 - r) / r^2 on the reduced interval; 0.05 ULP of e^r.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpTail<S, V>(V r) where S : struct, ISimd<V> where V : unmanaged
    {
        V q = S.Create(1.38390355e-3f);
        q = S.MulAdd(q, r, S.Create(8.36919807e-3f));
        q = S.MulAdd(q, r, S.Create(4.16681021e-2f));
        q = S.MulAdd(q, r, S.Create(0.166665167f));
        return S.MulAdd(q, r, S.Create(0.49999994f));
    }
}
