namespace Ai3.Ops;

/// <summary>
/// Tiles of products of int16 operands that sit in pairs along K: C tile [rows, 2*Lanes] of int32 = A rows times a panel of B.
/// </summary>
/// <remarks>
/// A: rows of int16, [2*pairs] each; a pair is broadcast as one int32. B: [pairs][2*Lanes][2] int16. Sums wrap at 32 bits and are
/// exact otherwise. Register budget: 12 accumulators + 2 of B + 1 of A + 1 product = 16.
/// </remarks>
internal static unsafe class PairTile
{
    /// <summary>Rows of the large tile.</summary>
    public const int Rows = 6;

    /// <summary>Computes 1 to <see cref="Rows"/> rows into c [Rows, 2*Lanes]; rows of c past <paramref name="rows"/> are undefined.</summary>
    public static void Run<S, V>(nint pairs, short* a, nint aRow, int rows, short* b, int* c) where S : struct, ISimd<V> where V : unmanaged
    {
        if (rows >= 3)
            Six<S, V>(pairs, a, aRow, rows, b, (float*)c);
        else
            for (int r = 0; r < rows; r++)
                One<S, V>(pairs, a + r * aRow, b, (float*)c + r * 2 * S.Lanes);
    }

    // Missing rows read the last one again.
    private static void Six<S, V>(nint pairs, short* a, nint aRow, int rows, short* b, float* c) where S : struct, ISimd<V> where V : unmanaged
    {
        float* a0 = (float*)a, a1 = (float*)(a + aRow), a2 = (float*)(a + 2 * aRow);
        float* a3 = rows > 3 ? (float*)(a + 3 * aRow) : a2, a4 = rows > 4 ? (float*)(a + 4 * aRow) : a3, a5 = rows > 5 ? (float*)(a + 5 * aRow) : a4;
        V c00 = S.Zero, c01 = S.Zero, c10 = S.Zero, c11 = S.Zero, c20 = S.Zero, c21 = S.Zero;
        V c30 = S.Zero, c31 = S.Zero, c40 = S.Zero, c41 = S.Zero, c50 = S.Zero, c51 = S.Zero;
        float* p = (float*)b;
        for (nint k = 0; k < pairs; k++, p += 2 * S.Lanes)
        {
            V b0 = S.Load(p), b1 = S.Load(p + S.Lanes), t;
            t = S.Splat(a0 + k); c00 = S.MulAddPairs(t, b0, c00); c01 = S.MulAddPairs(t, b1, c01);
            t = S.Splat(a1 + k); c10 = S.MulAddPairs(t, b0, c10); c11 = S.MulAddPairs(t, b1, c11);
            t = S.Splat(a2 + k); c20 = S.MulAddPairs(t, b0, c20); c21 = S.MulAddPairs(t, b1, c21);
            t = S.Splat(a3 + k); c30 = S.MulAddPairs(t, b0, c30); c31 = S.MulAddPairs(t, b1, c31);
            t = S.Splat(a4 + k); c40 = S.MulAddPairs(t, b0, c40); c41 = S.MulAddPairs(t, b1, c41);
            t = S.Splat(a5 + k); c50 = S.MulAddPairs(t, b0, c50); c51 = S.MulAddPairs(t, b1, c51);
        }
        S.Store(c00, c); S.Store(c01, c + S.Lanes);
        S.Store(c10, c + 2 * S.Lanes); S.Store(c11, c + 3 * S.Lanes);
        S.Store(c20, c + 4 * S.Lanes); S.Store(c21, c + 5 * S.Lanes);
        S.Store(c30, c + 6 * S.Lanes); S.Store(c31, c + 7 * S.Lanes);
        S.Store(c40, c + 8 * S.Lanes); S.Store(c41, c + 9 * S.Lanes);
        S.Store(c50, c + 10 * S.Lanes); S.Store(c51, c + 11 * S.Lanes);
    }

    private static void One<S, V>(nint pairs, short* a, short* b, float* c) where S : struct, ISimd<V> where V : unmanaged
    {
        V c0 = S.Zero, c1 = S.Zero, d0 = S.Zero, d1 = S.Zero;
        float* x = (float*)a;
        float* p = (float*)b;
        nint k = 0;
        for (; k + 2 <= pairs; k += 2, p += 4 * S.Lanes)
        {
            V t = S.Splat(x + k), u = S.Splat(x + k + 1);
            c0 = S.MulAddPairs(t, S.Load(p), c0);
            c1 = S.MulAddPairs(t, S.Load(p + S.Lanes), c1);
            d0 = S.MulAddPairs(u, S.Load(p + 2 * S.Lanes), d0);
            d1 = S.MulAddPairs(u, S.Load(p + 3 * S.Lanes), d1);
        }
        if (k < pairs)
        {
            V t = S.Splat(x + k);
            c0 = S.MulAddPairs(t, S.Load(p), c0);
            c1 = S.MulAddPairs(t, S.Load(p + S.Lanes), c1);
        }
        S.Store(S.AddInt(c0, d0), c);
        S.Store(S.AddInt(c1, d1), c + S.Lanes);
    }

    /// <summary>Ints of the memory that c takes.</summary>
    public static int TileCount<S, V>() where S : struct, ISimd<V> where V : unmanaged => Rows * 2 * S.Lanes;
}
