using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Ai3.Ops;

/// <summary>Transposes a square of float32 between two places.</summary>
internal unsafe interface ISquareTranspose
{
    /// <summary>Rows and columns.</summary>
    static abstract int Side { get; }

    /// <summary>d[j*dRow + i] = s[i*sRow + j].</summary>
    static abstract void Run(float* s, nint sRow, float* d, nint dRow);
}

/// <summary>4x4, one element at a time.</summary>
internal readonly unsafe struct TransposeScalar : ISquareTranspose
{
    public static int Side => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(float* s, nint sRow, float* d, nint dRow)
    {
        for (int j = 0; j < Side; j++)
            for (int i = 0; i < Side; i++)
                d[j * dRow + i] = s[i * sRow + j];
    }
}

/// <summary>4x4, SSE or AdvSimd.</summary>
internal readonly unsafe struct Transpose4 : ISquareTranspose
{
    public static int Side => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(float* s, nint sRow, float* d, nint dRow)
    {
        Vector128<float> r0 = Vector128.Load(s), r1 = Vector128.Load(s + sRow), r2 = Vector128.Load(s + 2 * sRow), r3 = Vector128.Load(s + 3 * sRow);
        Vector128<float> a = Low(r0, r2), b = High(r0, r2), c = Low(r1, r3), e = High(r1, r3);
        Low(a, c).Store(d);
        High(a, c).Store(d + dRow);
        Low(b, e).Store(d + 2 * dRow);
        High(b, e).Store(d + 3 * dRow);
    }

    // a0 b0 a1 b1
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Low(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.UnpackLow(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b) : Vector128.Create(a[0], b[0], a[1], b[1]);

    // a2 b2 a3 b3
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> High(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.UnpackHigh(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b) : Vector128.Create(a[2], b[2], a[3], b[3]);
}

/// <summary>8x8, AVX: pairs, quads, then halves.</summary>
internal readonly unsafe struct Transpose8 : ISquareTranspose
{
    public static int Side => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(float* s, nint sRow, float* d, nint dRow)
    {
        Quads(s, sRow, out Vector256<float> a0, out Vector256<float> a1, out Vector256<float> a2, out Vector256<float> a3);
        Quads(s + 4 * sRow, sRow, out Vector256<float> b0, out Vector256<float> b1, out Vector256<float> b2, out Vector256<float> b3);
        Halves(a0, b0, d, 4 * dRow);
        Halves(a1, b1, d + dRow, 4 * dRow);
        Halves(a2, b2, d + 2 * dRow, 4 * dRow);
        Halves(a3, b3, d + 3 * dRow, 4 * dRow);
    }

    // Columns 0 to 3 of four rows in the lower halves, 4 to 7 in the upper.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quads(float* s, nint row, out Vector256<float> q0, out Vector256<float> q1, out Vector256<float> q2, out Vector256<float> q3)
    {
        Vector256<float> r0 = Avx.LoadVector256(s), r1 = Avx.LoadVector256(s + row), r2 = Avx.LoadVector256(s + 2 * row), r3 = Avx.LoadVector256(s + 3 * row);
        Vector256<float> a = Avx.UnpackLow(r0, r1), b = Avx.UnpackHigh(r0, r1), c = Avx.UnpackLow(r2, r3), e = Avx.UnpackHigh(r2, r3);
        q0 = Avx.Shuffle(a, c, 0x44);
        q1 = Avx.Shuffle(a, c, 0xEE);
        q2 = Avx.Shuffle(b, e, 0x44);
        q3 = Avx.Shuffle(b, e, 0xEE);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Halves(Vector256<float> upperRows, Vector256<float> lowerRows, float* d, nint apart)
    {
        Avx.Store(d, Avx.Permute2x128(upperRows, lowerRows, 0x20));
        Avx.Store(d + apart, Avx.Permute2x128(upperRows, lowerRows, 0x31));
    }
}

/// <summary>16x16, AVX-512: pairs, quads, then 4x4 of 128-bit lanes.</summary>
internal readonly unsafe struct Transpose16 : ISquareTranspose
{
    public static int Side => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(float* s, nint sRow, float* d, nint dRow)
    {
        Quads(s, sRow, out Vector512<float> a0, out Vector512<float> a1, out Vector512<float> a2, out Vector512<float> a3);
        Quads(s + 4 * sRow, sRow, out Vector512<float> b0, out Vector512<float> b1, out Vector512<float> b2, out Vector512<float> b3);
        Quads(s + 8 * sRow, sRow, out Vector512<float> c0, out Vector512<float> c1, out Vector512<float> c2, out Vector512<float> c3);
        Quads(s + 12 * sRow, sRow, out Vector512<float> e0, out Vector512<float> e1, out Vector512<float> e2, out Vector512<float> e3);
        Lanes(a0, b0, c0, e0, d, 4 * dRow);
        Lanes(a1, b1, c1, e1, d + dRow, 4 * dRow);
        Lanes(a2, b2, c2, e2, d + 2 * dRow, 4 * dRow);
        Lanes(a3, b3, c3, e3, d + 3 * dRow, 4 * dRow);
    }

    // 128-bit lane l of qj: column 4l + j of four rows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quads(float* s, nint row, out Vector512<float> q0, out Vector512<float> q1, out Vector512<float> q2, out Vector512<float> q3)
    {
        Vector512<float> r0 = Vector512.Load(s), r1 = Vector512.Load(s + row), r2 = Vector512.Load(s + 2 * row), r3 = Vector512.Load(s + 3 * row);
        Vector512<float> a = Avx512F.UnpackLow(r0, r1), b = Avx512F.UnpackHigh(r0, r1), c = Avx512F.UnpackLow(r2, r3), e = Avx512F.UnpackHigh(r2, r3);
        q0 = Avx512F.Shuffle(a, c, 0x44);
        q1 = Avx512F.Shuffle(a, c, 0xEE);
        q2 = Avx512F.Shuffle(b, e, 0x44);
        q3 = Avx512F.Shuffle(b, e, 0xEE);
    }

    // Columns j, 4+j, 8+j, 12+j of all sixteen rows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Lanes(Vector512<float> x0, Vector512<float> x1, Vector512<float> x2, Vector512<float> x3, float* d, nint apart)
    {
        Vector512<float> even01 = Avx512F.Shuffle4x128(x0, x1, 0x88), odd01 = Avx512F.Shuffle4x128(x0, x1, 0xDD);
        Vector512<float> even23 = Avx512F.Shuffle4x128(x2, x3, 0x88), odd23 = Avx512F.Shuffle4x128(x2, x3, 0xDD);
        Avx512F.Shuffle4x128(even01, even23, 0x88).Store(d);
        Avx512F.Shuffle4x128(odd01, odd23, 0x88).Store(d + apart);
        Avx512F.Shuffle4x128(even01, even23, 0xDD).Store(d + 2 * apart);
        Avx512F.Shuffle4x128(odd01, odd23, 0xDD).Store(d + 3 * apart);
    }
}
