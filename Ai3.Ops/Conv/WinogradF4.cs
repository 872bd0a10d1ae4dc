using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>F(4x4, 3x3) with the points 0, +-5/8, +-3/2, infinity.</summary>
/// <remarks>
/// Points near 1 keep powers and their reciprocals small (Barabasz et al. 2020, arXiv:1803.10986): the growth is 13.2 in one direction and the
/// error of random sums 1.8 times a direct sum's, against 29.3 and 4.0 for the usual +-1, +-2. Powers of these are exact in float32.
/// </remarks>
internal readonly unsafe struct WinogradF4 : IWinogradTile
{
    private const float P = 0.625f;
    private const float Q = 1.5f;

    public static int Outputs => 4;

    public static ReadOnlySpan<double> Points => [P, Q];

    public static int InputRoundings => 4;

    public static int OutputRoundings => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<S, V>(float* d, nint step, float* r, nint resultStep) where S : struct, ISimd<V> where V : unmanaged
    {
        V d0 = S.Load(d), d1 = S.Load(d += step), d2 = S.Load(d += step), d3 = S.Load(d += step), d4 = S.Load(d += step), d5 = S.Load(d + step);
        V p2 = S.Create(P * P), q2 = S.Create(Q * Q), sum = S.Create(P * P + Q * Q), product = S.Create(P * P * Q * Q);
        S.Store(S.MulAdd(d0, product, S.NegMulAdd(d2, sum, d4)), r);
        V even = S.NegMulAdd(d2, q2, d4), odd = S.NegMulAdd(d1, q2, d3), p = S.Create(P);
        S.Store(S.MulAdd(odd, p, even), r += resultStep);
        S.Store(S.NegMulAdd(odd, p, even), r += resultStep);
        even = S.NegMulAdd(d2, p2, d4);
        odd = S.NegMulAdd(d1, p2, d3);
        V q = S.Create(Q);
        S.Store(S.MulAdd(odd, q, even), r += resultStep);
        S.Store(S.NegMulAdd(odd, q, even), r += resultStep);
        S.Store(S.MulAdd(d1, product, S.NegMulAdd(d3, sum, d5)), r + resultStep);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<S, V>(float* p, nint step, float* r, nint resultStep) where S : struct, ISimd<V> where V : unmanaged
    {
        V p0 = S.Load(p), p1 = S.Load(p += step), p2 = S.Load(p += step), p3 = S.Load(p += step), p4 = S.Load(p += step), p5 = S.Load(p + step);
        V even0 = S.Add(p1, p2), odd0 = S.Sub(p1, p2), even1 = S.Add(p3, p4), odd1 = S.Sub(p3, p4);
        S.Store(S.Add(S.Add(p0, even0), even1), r);
        S.Store(S.MulAdd(odd1, S.Create(Q), S.Mul(odd0, S.Create(P))), r += resultStep);
        S.Store(S.MulAdd(even1, S.Create(Q * Q), S.Mul(even0, S.Create(P * P))), r += resultStep);
        S.Store(S.MulAdd(odd1, S.Create(Q * Q * Q), S.MulAdd(odd0, S.Create(P * P * P), p5)), r + resultStep);
    }
}
