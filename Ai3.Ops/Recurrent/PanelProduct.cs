using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>
/// y[r, n] = initial[r, n] + sum over k of x[r, k] * b[k, n] for a few rows: B in panels of four vectors of columns, [K][4*Lanes], so that each
/// panel's part of B is read once, in order, for all the rows.
/// </summary>
/// <remarks>
/// A product of one row is bound by loads of B: 8 accumulators (even and odd k) hide the latency of the additions. With four rows (two where there are 16
/// registers) a loaded vector serves them all: 16 accumulators, 4 of B, 1 of x. Rows of y and initial are as long as all panels together.
/// </remarks>
internal static unsafe class PanelProduct
{
    /// <summary>Vectors of a panel.</summary>
    public const int Vectors = 4;

    /// <summary>Rows that a call of <see cref="Run"/> takes best.</summary>
    public static int RowsAtOnce<S, V>() where S : struct, ISimd<V> where V : unmanaged => S.Registers >= 32 ? 4 : 2;

    /// <summary>All panels for any number of rows.</summary>
    /// <param name="rows">Rows, 1 or more.</param>
    /// <param name="x">The address of each row's x.</param>
    /// <param name="depth">Terms of a sum, 1 or more.</param>
    /// <param name="panels">The panels, one behind the other.</param>
    /// <param name="count">Panels.</param>
    /// <param name="initial">The first row's initial values.</param>
    /// <param name="initialRow">Elements from one row's initial values to the next; 0 where they share them.</param>
    /// <param name="y">The first row of y.</param>
    /// <param name="yRow">Elements from one row of y to the next.</param>
    public static void Run<S, V>(int rows, float** x, nint depth, float* panels, nint count, float* initial, nint initialRow, float* y, nint yRow)
        where S : struct, ISimd<V> where V : unmanaged
    {
        nint width = Vectors * S.Lanes;
        for (nint p = 0; p < count; p++, panels += depth * width, initial += width, y += width)
        {
            int r = 0;
            if (S.Registers >= 32)
                for (; r + 4 <= rows; r += 4)
                    Four<S, V>(x + r, depth, panels, initial + r * initialRow, initialRow, y + r * yRow, yRow);
            for (; r + 2 <= rows; r += 2)
                Two<S, V>(x[r], x[r + 1], depth, panels, initial + r * initialRow, initialRow, y + r * yRow, yRow);
            if (r < rows)
                One<S, V>(x[r], depth, panels, initial + r * initialRow, y + r * yRow);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One<S, V>(float* x, nint depth, float* b, float* initial, float* y) where S : struct, ISimd<V> where V : unmanaged
    {
        V a0 = S.Load(initial), a1 = S.Load(initial + S.Lanes), a2 = S.Load(initial + 2 * S.Lanes), a3 = S.Load(initial + 3 * S.Lanes);
        V c0 = S.Zero, c1 = S.Zero, c2 = S.Zero, c3 = S.Zero;
        nint k = depth;
        for (; k >= 2; k -= 2, x += 2, b += 8 * S.Lanes)
        {
            V even = S.Splat(x), odd = S.Splat(x + 1);
            a0 = S.MulAdd(even, S.Load(b), a0);
            a1 = S.MulAdd(even, S.Load(b + S.Lanes), a1);
            a2 = S.MulAdd(even, S.Load(b + 2 * S.Lanes), a2);
            a3 = S.MulAdd(even, S.Load(b + 3 * S.Lanes), a3);
            c0 = S.MulAdd(odd, S.Load(b + 4 * S.Lanes), c0);
            c1 = S.MulAdd(odd, S.Load(b + 5 * S.Lanes), c1);
            c2 = S.MulAdd(odd, S.Load(b + 6 * S.Lanes), c2);
            c3 = S.MulAdd(odd, S.Load(b + 7 * S.Lanes), c3);
        }
        if (k != 0)
        {
            V last = S.Splat(x);
            a0 = S.MulAdd(last, S.Load(b), a0);
            a1 = S.MulAdd(last, S.Load(b + S.Lanes), a1);
            a2 = S.MulAdd(last, S.Load(b + 2 * S.Lanes), a2);
            a3 = S.MulAdd(last, S.Load(b + 3 * S.Lanes), a3);
        }
        S.Store(S.Add(a0, c0), y);
        S.Store(S.Add(a1, c1), y + S.Lanes);
        S.Store(S.Add(a2, c2), y + 2 * S.Lanes);
        S.Store(S.Add(a3, c3), y + 3 * S.Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two<S, V>(float* x0, float* x1, nint depth, float* b, float* initial, nint initialRow, float* y, nint yRow)
        where S : struct, ISimd<V> where V : unmanaged
    {
        V a0 = S.Load(initial), a1 = S.Load(initial + S.Lanes), a2 = S.Load(initial + 2 * S.Lanes), a3 = S.Load(initial + 3 * S.Lanes);
        initial += initialRow;
        V c0 = S.Load(initial), c1 = S.Load(initial + S.Lanes), c2 = S.Load(initial + 2 * S.Lanes), c3 = S.Load(initial + 3 * S.Lanes);
        for (nint k = 0; k < depth; k++, b += 4 * S.Lanes)
        {
            V b0 = S.Load(b), b1 = S.Load(b + S.Lanes), b2 = S.Load(b + 2 * S.Lanes), b3 = S.Load(b + 3 * S.Lanes), t = S.Splat(x0 + k);
            a0 = S.MulAdd(t, b0, a0);
            a1 = S.MulAdd(t, b1, a1);
            a2 = S.MulAdd(t, b2, a2);
            a3 = S.MulAdd(t, b3, a3);
            t = S.Splat(x1 + k);
            c0 = S.MulAdd(t, b0, c0);
            c1 = S.MulAdd(t, b1, c1);
            c2 = S.MulAdd(t, b2, c2);
            c3 = S.MulAdd(t, b3, c3);
        }
        Store<S, V>(y, a0, a1, a2, a3);
        Store<S, V>(y + yRow, c0, c1, c2, c3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<S, V>(float** x, nint depth, float* b, float* initial, nint initialRow, float* y, nint yRow) where S : struct, ISimd<V> where V : unmanaged
    {
        float* x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3];
        V a0 = S.Load(initial), a1 = S.Load(initial + S.Lanes), a2 = S.Load(initial + 2 * S.Lanes), a3 = S.Load(initial + 3 * S.Lanes);
        initial += initialRow;
        V c0 = S.Load(initial), c1 = S.Load(initial + S.Lanes), c2 = S.Load(initial + 2 * S.Lanes), c3 = S.Load(initial + 3 * S.Lanes);
        initial += initialRow;
        V d0 = S.Load(initial), d1 = S.Load(initial + S.Lanes), d2 = S.Load(initial + 2 * S.Lanes), d3 = S.Load(initial + 3 * S.Lanes);
        initial += initialRow;
        V e0 = S.Load(initial), e1 = S.Load(initial + S.Lanes), e2 = S.Load(initial + 2 * S.Lanes), e3 = S.Load(initial + 3 * S.Lanes);
        for (nint k = 0; k < depth; k++, b += 4 * S.Lanes)
        {
            V b0 = S.Load(b), b1 = S.Load(b + S.Lanes), b2 = S.Load(b + 2 * S.Lanes), b3 = S.Load(b + 3 * S.Lanes), t = S.Splat(x0 + k);
            a0 = S.MulAdd(t, b0, a0);
            a1 = S.MulAdd(t, b1, a1);
            a2 = S.MulAdd(t, b2, a2);
            a3 = S.MulAdd(t, b3, a3);
            t = S.Splat(x1 + k);
            c0 = S.MulAdd(t, b0, c0);
            c1 = S.MulAdd(t, b1, c1);
            c2 = S.MulAdd(t, b2, c2);
            c3 = S.MulAdd(t, b3, c3);
            t = S.Splat(x2 + k);
            d0 = S.MulAdd(t, b0, d0);
            d1 = S.MulAdd(t, b1, d1);
            d2 = S.MulAdd(t, b2, d2);
            d3 = S.MulAdd(t, b3, d3);
            t = S.Splat(x3 + k);
            e0 = S.MulAdd(t, b0, e0);
            e1 = S.MulAdd(t, b1, e1);
            e2 = S.MulAdd(t, b2, e2);
            e3 = S.MulAdd(t, b3, e3);
        }
        Store<S, V>(y, a0, a1, a2, a3);
        Store<S, V>(y + yRow, c0, c1, c2, c3);
        Store<S, V>(y + 2 * yRow, d0, d1, d2, d3);
        Store<S, V>(y + 3 * yRow, e0, e1, e2, e3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<S, V>(float* y, V v0, V v1, V v2, V v3) where S : struct, ISimd<V> where V : unmanaged
    {
        S.Store(v0, y);
        S.Store(v1, y + S.Lanes);
        S.Store(v2, y + 2 * S.Lanes);
        S.Store(v3, y + 3 * S.Lanes);
    }
}
