using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>F(2x2, 3x3) with the points 0, +-1, infinity: transforms of additions only.</summary>
internal readonly unsafe struct WinogradF2 : IWinogradTile
{
    public static int Outputs => 2;

    public static ReadOnlySpan<double> Points => [1];

    public static int InputRoundings => 1;

    public static int OutputRoundings => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<S, V>(float* d, nint step, float* r, nint resultStep) where S : struct, ISimd<V> where V : unmanaged
    {
        V d0 = S.Load(d), d1 = S.Load(d += step), d2 = S.Load(d += step), d3 = S.Load(d + step);
        S.Store(S.Sub(d2, d0), r);
        S.Store(S.Add(d2, d1), r += resultStep);
        S.Store(S.Sub(d2, d1), r += resultStep);
        S.Store(S.Sub(d3, d1), r + resultStep);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<S, V>(float* p, nint step, float* r, nint resultStep) where S : struct, ISimd<V> where V : unmanaged
    {
        V p0 = S.Load(p), p1 = S.Load(p += step), p2 = S.Load(p += step), p3 = S.Load(p + step);
        S.Store(S.Add(S.Add(p1, p2), p0), r);
        S.Store(S.Add(S.Sub(p1, p2), p3), r + resultStep);
    }
}
