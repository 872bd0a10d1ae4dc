using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>
/// The inner loops of <c>gemv</c>: a row-major matrix read once, in place and in order, times a vector.
/// </summary>
internal static unsafe class Gemv
{
    /// <summary>Rows of the matrix that <see cref="AddRows"/> takes at a time.</summary>
    public const int RowsAtOnce = 8;

    /// <summary>y[r] = dot(matrix row r, x) for r in [0, rows): two vector sums a row, then across lanes; the bits of a row do not depend on its neighbours.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dot<S, V>(float* matrix, nint stride, long rows, long depth, float* x, float* y)
        where S : struct, ISimd<V> where V : unmanaged
    {
        long r = 0;
        for (; r + 4 <= rows; r += 4, matrix += 4 * stride, y += 4)
        {
            float* m0 = matrix, m1 = m0 + stride, m2 = m1 + stride, m3 = m2 + stride;
            V s0 = S.Zero, s1 = S.Zero, s2 = S.Zero, s3 = S.Zero, t0 = S.Zero, t1 = S.Zero, t2 = S.Zero, t3 = S.Zero;
            nint k = 0;
            for (; k + 2 * S.Lanes <= depth; k += 2 * S.Lanes)
            {
                V x0 = S.Load(x + k), x1 = S.Load(x + k + S.Lanes);
                s0 = S.MulAdd(S.Load(m0 + k), x0, s0);
                s1 = S.MulAdd(S.Load(m1 + k), x0, s1);
                s2 = S.MulAdd(S.Load(m2 + k), x0, s2);
                s3 = S.MulAdd(S.Load(m3 + k), x0, s3);
                t0 = S.MulAdd(S.Load(m0 + k + S.Lanes), x1, t0);
                t1 = S.MulAdd(S.Load(m1 + k + S.Lanes), x1, t1);
                t2 = S.MulAdd(S.Load(m2 + k + S.Lanes), x1, t2);
                t3 = S.MulAdd(S.Load(m3 + k + S.Lanes), x1, t3);
            }
            for (; k < depth; k += S.Lanes)
            {
                int n = (int)Math.Min(S.Lanes, depth - k);
                V x0 = S.LoadPartial(x + k, n);
                s0 = S.MulAdd(S.LoadPartial(m0 + k, n), x0, s0);
                s1 = S.MulAdd(S.LoadPartial(m1 + k, n), x0, s1);
                s2 = S.MulAdd(S.LoadPartial(m2 + k, n), x0, s2);
                s3 = S.MulAdd(S.LoadPartial(m3 + k, n), x0, s3);
            }
            y[0] = S.Sum(S.Add(s0, t0));
            y[1] = S.Sum(S.Add(s1, t1));
            y[2] = S.Sum(S.Add(s2, t2));
            y[3] = S.Sum(S.Add(s3, t3));
        }
        for (; r < rows; r++, matrix += stride, y++)
        {
            V s0 = S.Zero, t0 = S.Zero;
            nint k = 0;
            for (; k + 2 * S.Lanes <= depth; k += 2 * S.Lanes)
            {
                s0 = S.MulAdd(S.Load(matrix + k), S.Load(x + k), s0);
                t0 = S.MulAdd(S.Load(matrix + k + S.Lanes), S.Load(x + k + S.Lanes), t0);
            }
            for (; k < depth; k += S.Lanes)
            {
                int n = (int)Math.Min(S.Lanes, depth - k);
                s0 = S.MulAdd(S.LoadPartial(matrix + k, n), S.LoadPartial(x + k, n), s0);
            }
            y[0] = S.Sum(S.Add(s0, t0));
        }
    }

    /// <summary>y[c] = sum over r of x[r] * matrix[r, c] for c in [0, columns): eight rows at a time, so that y is passed an eighth as often.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddRows<S, V>(float* matrix, nint stride, long rows, long columns, float* x, float* y)
        where S : struct, ISimd<V> where V : unmanaged
    {
        new Span<float>(y, (int)columns).Clear();
        long r = 0;
        for (; r + RowsAtOnce <= rows; r += RowsAtOnce, matrix += RowsAtOnce * stride, x += RowsAtOnce)
        {
            float* m1 = matrix + stride, m2 = m1 + stride, m3 = m2 + stride, m4 = m3 + stride, m5 = m4 + stride, m6 = m5 + stride, m7 = m6 + stride;
            V x0 = S.Splat(x), x1 = S.Splat(x + 1), x2 = S.Splat(x + 2), x3 = S.Splat(x + 3);
            V x4 = S.Splat(x + 4), x5 = S.Splat(x + 5), x6 = S.Splat(x + 6), x7 = S.Splat(x + 7);
            nint c = 0;
            for (; c + S.Lanes <= columns; c += S.Lanes)
            {
                V s = S.Mul(x0, S.Load(matrix + c));
                s = S.MulAdd(x1, S.Load(m1 + c), s);
                s = S.MulAdd(x2, S.Load(m2 + c), s);
                s = S.MulAdd(x3, S.Load(m3 + c), s);
                s = S.MulAdd(x4, S.Load(m4 + c), s);
                s = S.MulAdd(x5, S.Load(m5 + c), s);
                s = S.MulAdd(x6, S.Load(m6 + c), s);
                s = S.MulAdd(x7, S.Load(m7 + c), s);
                S.Store(S.Add(S.Load(y + c), s), y + c);
            }
            if (c < columns)
            {
                var n = (int)(columns - c);
                V s = S.Mul(x0, S.LoadPartial(matrix + c, n));
                s = S.MulAdd(x1, S.LoadPartial(m1 + c, n), s);
                s = S.MulAdd(x2, S.LoadPartial(m2 + c, n), s);
                s = S.MulAdd(x3, S.LoadPartial(m3 + c, n), s);
                s = S.MulAdd(x4, S.LoadPartial(m4 + c, n), s);
                s = S.MulAdd(x5, S.LoadPartial(m5 + c, n), s);
                s = S.MulAdd(x6, S.LoadPartial(m6 + c, n), s);
                s = S.MulAdd(x7, S.LoadPartial(m7 + c, n), s);
                S.StorePartial(S.Add(S.LoadPartial(y + c, n), s), y + c, n);
            }
        }
        for (; r < rows; r++, matrix += stride, x++)
        {
            V x0 = S.Splat(x);
            for (nint c = 0; c < columns; c += S.Lanes)
            {
                int n = (int)Math.Min(S.Lanes, columns - c);
                S.StorePartial(S.MulAdd(x0, S.LoadPartial(matrix + c, n), S.LoadPartial(y + c, n)), y + c, n);
            }
        }
    }
}
