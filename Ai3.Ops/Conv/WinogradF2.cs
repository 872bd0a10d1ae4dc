using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>The transforms of F(2x2, 3x3) on one tile, all lanes of a vector. Lavin and Gray 2016, arXiv:1509.09308.</summary>
/// <remarks>
/// y = A' [ (G g G') . (B' d B) ] A with
/// <code>
/// B' = 1  0 -1  0      G = 1    0    0        A' = 1  1  1  0
///      0  1  1  0          1/2  1/2  1/2           0  1 -1 -1
///      0 -1  1  0          1/2 -1/2  1/2
///      0  1  0 -1          0    0    1
/// </code>
/// </remarks>
internal static unsafe class WinogradF2
{
    /// <summary>Outputs along a tile's side.</summary>
    public const int Outputs = 2;

    /// <summary>Inputs along a tile's side.</summary>
    public const int Inputs = 4;

    /// <summary>Elements of a transformed tile.</summary>
    public const int Points = Inputs * Inputs;

    /// <summary>u = G g G' of one 3x3 kernel, in double.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Kernel(float* g, double* u)
    {
        double* t = stackalloc double[Inputs * 3];
        for (int j = 0; j < 3; j++)
            Column(g[j], g[3 + j], g[6 + j], t + j, 3);
        for (int i = 0; i < Inputs; i++)
            Column(t[3 * i], t[3 * i + 1], t[3 * i + 2], u + Inputs * i, 1);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Column(double g0, double g1, double g2, double* r, int step)
        {
            r[0] = g0;
            r[step] = (g0 + g1 + g2) / 2;
            r[2 * step] = (g0 - g1 + g2) / 2;
            r[3 * step] = g2;
        }
    }

    /// <summary>v = B' d B; d has rows <paramref name="row"/> and columns <paramref name="column"/> elements apart, v points <paramref name="point"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<S, V>(float* d, nint row, nint column, float* v, nint point) where S : struct, ISimd<V> where V : unmanaged
    {
        Rows<S, V>(d, row, out V a0, out V a1, out V a2, out V a3);
        Rows<S, V>(d + column, row, out V b0, out V b1, out V b2, out V b3);
        Rows<S, V>(d + 2 * column, row, out V c0, out V c1, out V c2, out V c3);
        Rows<S, V>(d + 3 * column, row, out V e0, out V e1, out V e2, out V e3);
        Columns<S, V>(a0, b0, c0, e0, v, point);
        Columns<S, V>(a1, b1, c1, e1, v + 4 * point, point);
        Columns<S, V>(a2, b2, c2, e2, v + 8 * point, point);
        Columns<S, V>(a3, b3, c3, e3, v + 12 * point, point);
    }

    /// <summary>The four outputs of A' m A; m has points <paramref name="point"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<S, V>(float* m, nint point, out V y00, out V y01, out V y10, out V y11) where S : struct, ISimd<V> where V : unmanaged
    {
        Sums<S, V>(m, 4 * point, out V a0, out V a1);
        Sums<S, V>(m + point, 4 * point, out V b0, out V b1);
        Sums<S, V>(m + 2 * point, 4 * point, out V c0, out V c1);
        Sums<S, V>(m + 3 * point, 4 * point, out V e0, out V e1);
        y00 = S.Add(S.Add(a0, b0), c0);
        y01 = S.Sub(S.Sub(b0, c0), e0);
        y10 = S.Add(S.Add(a1, b1), c1);
        y11 = S.Sub(S.Sub(b1, c1), e1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rows<S, V>(float* d, nint row, out V r0, out V r1, out V r2, out V r3) where S : struct, ISimd<V> where V : unmanaged
    {
        V d0 = S.Load(d), d1 = S.Load(d + row), d2 = S.Load(d + 2 * row), d3 = S.Load(d + 3 * row);
        r0 = S.Sub(d0, d2);
        r1 = S.Add(d1, d2);
        r2 = S.Sub(d2, d1);
        r3 = S.Sub(d1, d3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Columns<S, V>(V d0, V d1, V d2, V d3, float* v, nint point) where S : struct, ISimd<V> where V : unmanaged
    {
        S.Store(S.Sub(d0, d2), v);
        S.Store(S.Add(d1, d2), v + point);
        S.Store(S.Sub(d2, d1), v + 2 * point);
        S.Store(S.Sub(d1, d3), v + 3 * point);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Sums<S, V>(float* m, nint row, out V r0, out V r1) where S : struct, ISimd<V> where V : unmanaged
    {
        V m1 = S.Load(m + row), m2 = S.Load(m + 2 * row);
        r0 = S.Add(S.Add(S.Load(m), m1), m2);
        r1 = S.Sub(S.Sub(m1, m2), S.Load(m + 3 * row));
    }
}
