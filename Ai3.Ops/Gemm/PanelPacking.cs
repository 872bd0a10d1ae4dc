using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Ai3.Ops;

/// <summary>
/// Puts a matrix B [K, N] into panels for the tile micro-kernel: panel p holds columns [p*w, p*w + w) as [K][w], w two vectors;
/// columns beyond N are zeros. Panels follow each other, so B takes ceil(N/w) * K * w elements whatever the blocking is.
/// </summary>
internal static unsafe class PanelPacking
{
    /// <summary>Packs depth [k0, k0 + depth) of one panel from a row-major matrix; element (k, n) is b[k*row + n].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack<S, V>(float* b, nint row, long k0, long depth, long column, int columns, float scale, float* panel)
        where S : struct, ISimd<V> where V : unmanaged
    {
        int width = 2 * S.Lanes;
        float* source = b + (nint)k0 * row + (nint)column;
        V factor = S.Create(scale);
        for (long k = 0; k < depth; k++, source += row, panel += width)
        {
            V low, high;
            if (columns == width)
                (low, high) = (S.Load(source), S.Load(source + S.Lanes));
            else if (columns > S.Lanes)
                (low, high) = (S.Load(source), S.LoadPartial(source + S.Lanes, columns - S.Lanes));
            else
                (low, high) = (S.LoadPartial(source, columns), S.Zero);
            if (scale != 1)
                (low, high) = (S.Mul(factor, low), S.Mul(factor, high));
            S.Store(low, panel);
            S.Store(high, panel + S.Lanes);
        }
    }

    /// <summary>
    /// Packs depth [k0, k0 + depth) of the panels that hold columns [column, column + columns) of a row-major matrix: row by row, so
    /// that memory is read in order. Panel i goes to panels + i*panelStride.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackGroup<S, V>(float* b, nint row, long k0, long depth, long column, long columns, float scale, float* panels, nint panelStride)
        where S : struct, ISimd<V> where V : unmanaged
    {
        int width = 2 * S.Lanes;
        long whole = columns / width;
        var rest = (int)(columns - whole * width);
        float* source = b + (nint)k0 * row + (nint)column;
        V factor = S.Create(scale);
        for (long k = 0; k < depth; k++, source += row, panels += width)
        {
            float* from = source, panel = panels;
            for (long i = 0; i < whole; i++, from += width, panel += panelStride)
            {
                V low = S.Load(from), high = S.Load(from + S.Lanes);
                S.Store(scale != 1 ? S.Mul(factor, low) : low, panel);
                S.Store(scale != 1 ? S.Mul(factor, high) : high, panel + S.Lanes);
            }
            if (rest > 0)
            {
                V low = S.LoadPartial(from, Math.Min(rest, S.Lanes)), high = rest > S.Lanes ? S.LoadPartial(from + S.Lanes, rest - S.Lanes) : S.Zero;
                S.Store(scale != 1 ? S.Mul(factor, low) : low, panel);
                S.Store(scale != 1 ? S.Mul(factor, high) : high, panel + S.Lanes);
            }
        }
    }

    /// <summary>Packs depth [k0, k0 + depth) of one panel from a transposed matrix; element (k, n) is b[n*row + k].</summary>
    public static void PackTransposed(float* b, nint row, long k0, long depth, long column, int columns, int width, float scale, float* panel)
    {
        if (columns < width)
            for (long k = 0; k < depth; k++)
                new Span<float>(panel + k * width + columns, width - columns).Clear();
        Transpose(b + (nint)column * row + (nint)k0, row, columns, depth, panel, width, scale);
    }

    /// <summary>target[c*targetRow + r] = scale * source[r*sourceRow + c] for r below rows, c below columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(float* source, nint sourceRow, long rows, long columns, float* target, nint targetRow, float scale)
    {
        long r = 0;
        if (Vector128.IsHardwareAccelerated)
            for (; r + 4 <= rows; r += 4)
            {
                float* s = source + (nint)r * sourceRow, d = target + r;
                long c = 0;
                for (; c + 4 <= columns; c += 4, s += 4, d += 4 * targetRow)
                {
                    Vector128<float> a0 = Vector128.Load(s) * scale, a1 = Vector128.Load(s + sourceRow) * scale;
                    Vector128<float> a2 = Vector128.Load(s + 2 * sourceRow) * scale, a3 = Vector128.Load(s + 3 * sourceRow) * scale;
                    (Vector128<float> l0, Vector128<float> h0) = Interleave(a0, a2);
                    (Vector128<float> l1, Vector128<float> h1) = Interleave(a1, a3);
                    (a0, a1) = Interleave(l0, l1);
                    (a2, a3) = Interleave(h0, h1);
                    a0.Store(d);
                    a1.Store(d + targetRow);
                    a2.Store(d + 2 * targetRow);
                    a3.Store(d + 3 * targetRow);
                }
                for (; c < columns; c++, s++, d += targetRow)
                    for (int i = 0; i < 4; i++)
                        d[i] = scale * s[i * sourceRow];
            }
        for (; r < rows; r++)
            for (long c = 0; c < columns; c++)
                target[(nint)c * targetRow + (nint)r] = scale * source[(nint)r * sourceRow + (nint)c];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<float> Low, Vector128<float> High) Interleave(Vector128<float> a, Vector128<float> b)
    {
        if (System.Runtime.Intrinsics.X86.Sse.IsSupported)
            return (System.Runtime.Intrinsics.X86.Sse.UnpackLow(a, b), System.Runtime.Intrinsics.X86.Sse.UnpackHigh(a, b));
        if (System.Runtime.Intrinsics.Arm.AdvSimd.Arm64.IsSupported)
            return (System.Runtime.Intrinsics.Arm.AdvSimd.Arm64.ZipLow(a, b), System.Runtime.Intrinsics.Arm.AdvSimd.Arm64.ZipHigh(a, b));
        return (Vector128.Create(a[0], b[0], a[1], b[1]), Vector128.Create(a[2], b[2], a[3], b[3]));
    }
}
