using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>F(6x6, 3x3) with the points 0, +-1/2, +-1, +-2, infinity.</summary>
/// <remarks>
/// Moving any of the points makes growth (39.6 in one direction) and error (7.2 times a direct sum's for random sums) larger.
/// </remarks>
internal readonly unsafe struct WinogradF6 : IWinogradTile
{
    public static int Outputs => 6;

    public static ReadOnlySpan<double> Points => [0.5, 1, 2];

    public static int InputRoundings => 5;

    public static int OutputRoundings => 5;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<S, V>(float* d, nint step, float* r, nint resultStep) where S : struct, ISimd<V> where V : unmanaged
    {
        V d0 = S.Load(d), d1 = S.Load(d += step), d2 = S.Load(d += step), d3 = S.Load(d += step);
        V d4 = S.Load(d += step), d5 = S.Load(d += step), d6 = S.Load(d += step), d7 = S.Load(d + step);
        // M(x) = x^6 - 21/4 x^4 + 21/4 x^2 - 1.
        V c = S.Create(5.25f);
        S.Store(S.MulAdd(S.Sub(d2, d4), c, S.Sub(d6, d0)), r);
        // Q(x) = x^4 - 5 x^2 + 4.
        V middle = S.Create(5f), low = S.Create(4f), point = S.Create(0.5f);
        V even = S.MulAdd(d2, low, S.NegMulAdd(d4, middle, d6)), odd = S.MulAdd(d1, low, S.NegMulAdd(d3, middle, d5));
        S.Store(S.MulAdd(odd, point, even), r += resultStep);
        S.Store(S.NegMulAdd(odd, point, even), r += resultStep);
        // Q(x) = x^4 - 17/4 x^2 + 1.
        middle = S.Create(4.25f);
        even = S.NegMulAdd(d4, middle, S.Add(d2, d6));
        odd = S.NegMulAdd(d3, middle, S.Add(d1, d5));
        S.Store(S.Add(even, odd), r += resultStep);
        S.Store(S.Sub(even, odd), r += resultStep);
        // Q(x) = x^4 - 5/4 x^2 + 1/4.
        middle = S.Create(1.25f);
        low = S.Create(0.25f);
        point = S.Create(2f);
        even = S.MulAdd(d2, low, S.NegMulAdd(d4, middle, d6));
        odd = S.MulAdd(d1, low, S.NegMulAdd(d3, middle, d5));
        S.Store(S.MulAdd(odd, point, even), r += resultStep);
        S.Store(S.NegMulAdd(odd, point, even), r += resultStep);
        S.Store(S.MulAdd(S.Sub(d3, d5), c, S.Sub(d7, d1)), r + resultStep);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<S, V>(float* p, nint step, float* r, nint resultStep) where S : struct, ISimd<V> where V : unmanaged
    {
        V p0 = S.Load(p), p1 = S.Load(p += step), p2 = S.Load(p += step), p3 = S.Load(p += step);
        V p4 = S.Load(p += step), p5 = S.Load(p += step), p6 = S.Load(p += step), p7 = S.Load(p + step);
        V even0 = S.Add(p1, p2), even1 = S.Add(p3, p4), even2 = S.Add(p5, p6);
        V odd0 = S.Sub(p1, p2), odd1 = S.Sub(p3, p4), odd2 = S.Sub(p5, p6);
        S.Store(S.Add(S.Add(p0, even0), S.Add(even1, even2)), r);
        S.Store(S.MulAdd(odd2, S.Create(2f), S.MulAdd(odd0, S.Create(0.5f), odd1)), r += resultStep);
        S.Store(S.MulAdd(even2, S.Create(4f), S.MulAdd(even0, S.Create(0.25f), even1)), r += resultStep);
        S.Store(S.MulAdd(odd2, S.Create(8f), S.MulAdd(odd0, S.Create(0.125f), odd1)), r += resultStep);
        S.Store(S.MulAdd(even2, S.Create(16f), S.MulAdd(even0, S.Create(0.0625f), even1)), r += resultStep);
        S.Store(S.MulAdd(odd2, S.Create(32f), S.Add(S.MulAdd(odd0, S.Create(0.03125f), odd1), p7)), r + resultStep);
    }
}
