using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Ai3.Ops;

/// <summary>
/// 16 x 16 elements of 4 bytes: whole cache lines of both sides, each touched once, so that strides of large powers of two, whose
/// lines fall into few sets of a cache, do not evict what is still needed.
/// </summary>
/// <remarks>
/// Registers: 16 rows; interleaved by 32 and 64 bits within 128-bit lanes, then the lanes of four and of all rows exchanged.
/// At most 16 + 4 of 32 are alive.
/// </remarks>
internal readonly unsafe struct TransposeTile16x16Avx512 : ITransposeTile<uint>
{
    public static int Size => 16;

    public static void Run(uint* source, nint sourceStride, uint* destination, nint destinationStride)
    {
        // q(i) lane k: rows i to i + 3 of column 4 k + c, for c = 0..3.
        Quad(source, sourceStride, out var a0, out var a1, out var a2, out var a3);
        Quad(source + 4 * sourceStride, sourceStride, out var b0, out var b1, out var b2, out var b3);
        Quad(source + 8 * sourceStride, sourceStride, out var c0, out var c1, out var c2, out var c3);
        Quad(source + 12 * sourceStride, sourceStride, out var d0, out var d1, out var d2, out var d3);
        Columns(a0, b0, c0, d0, destination, destinationStride);
        Columns(a1, b1, c1, d1, destination + destinationStride, destinationStride);
        Columns(a2, b2, c2, d2, destination + 2 * destinationStride, destinationStride);
        Columns(a3, b3, c3, d3, destination + 3 * destinationStride, destinationStride);
    }

    // 4 x 4 transposes in each 128-bit lane of four rows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quad(uint* p, nint stride, out Vector512<uint> q0, out Vector512<uint> q1, out Vector512<uint> q2, out Vector512<uint> q3)
    {
        Vector512<uint> r0 = Vector512.Load(p), r1 = Vector512.Load(p + stride), r2 = Vector512.Load(p + 2 * stride), r3 = Vector512.Load(p + 3 * stride);
        Vector512<ulong> low01 = Avx512F.UnpackLow(r0, r1).AsUInt64(), high01 = Avx512F.UnpackHigh(r0, r1).AsUInt64();
        Vector512<ulong> low23 = Avx512F.UnpackLow(r2, r3).AsUInt64(), high23 = Avx512F.UnpackHigh(r2, r3).AsUInt64();
        q0 = Avx512F.UnpackLow(low01, low23).AsUInt32();
        q1 = Avx512F.UnpackHigh(low01, low23).AsUInt32();
        q2 = Avx512F.UnpackLow(high01, high23).AsUInt32();
        q3 = Avx512F.UnpackHigh(high01, high23).AsUInt32();
    }

    // Columns c, c + 4, c + 8 and c + 12: lane k of the four quads makes column c + 4 k.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Columns(Vector512<uint> a, Vector512<uint> b, Vector512<uint> c, Vector512<uint> d, uint* destination, nint stride)
    {
        Vector512<uint> lowAB = Avx512F.Shuffle4x128(a, b, 0b10_00_10_00), highAB = Avx512F.Shuffle4x128(a, b, 0b11_01_11_01);
        Vector512<uint> lowCD = Avx512F.Shuffle4x128(c, d, 0b10_00_10_00), highCD = Avx512F.Shuffle4x128(c, d, 0b11_01_11_01);
        Avx512F.Shuffle4x128(lowAB, lowCD, 0b10_00_10_00).Store(destination);
        Avx512F.Shuffle4x128(highAB, highCD, 0b10_00_10_00).Store(destination + 4 * stride);
        Avx512F.Shuffle4x128(lowAB, lowCD, 0b11_01_11_01).Store(destination + 8 * stride);
        Avx512F.Shuffle4x128(highAB, highCD, 0b11_01_11_01).Store(destination + 12 * stride);
    }
}
