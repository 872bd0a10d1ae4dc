using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Ai3.Ops;

/// <summary>8 x 8 elements of 4 bytes in eight 256-bit registers: interleaved by 32 and 64 bits, then halves exchanged.</summary>
internal readonly unsafe struct TransposeTile8x8Avx : ITransposeTile<uint>
{
    public static int Size => 8;

    public static void Run(uint* source, nint sourceStride, uint* destination, nint destinationStride)
    {
        Vector256<float> r0 = Load(source), r1 = Load(source + sourceStride), r2 = Load(source + 2 * sourceStride), r3 = Load(source + 3 * sourceStride);
        uint* second = source + 4 * sourceStride;
        Vector256<float> r4 = Load(second), r5 = Load(second + sourceStride), r6 = Load(second + 2 * sourceStride), r7 = Load(second + 3 * sourceStride);
        Vector256<double> a0 = Avx.UnpackLow(r0, r1).AsDouble(), a1 = Avx.UnpackHigh(r0, r1).AsDouble();
        Vector256<double> a2 = Avx.UnpackLow(r2, r3).AsDouble(), a3 = Avx.UnpackHigh(r2, r3).AsDouble();
        Vector256<double> a4 = Avx.UnpackLow(r4, r5).AsDouble(), a5 = Avx.UnpackHigh(r4, r5).AsDouble();
        Vector256<double> a6 = Avx.UnpackLow(r6, r7).AsDouble(), a7 = Avx.UnpackHigh(r6, r7).AsDouble();
        // Each pair holds columns i and i + 4: rows 0-3 in the first, rows 4-7 in the second.
        Store(Avx.UnpackLow(a0, a2), Avx.UnpackLow(a4, a6), destination, destinationStride);
        Store(Avx.UnpackHigh(a0, a2), Avx.UnpackHigh(a4, a6), destination + destinationStride, destinationStride);
        Store(Avx.UnpackLow(a1, a3), Avx.UnpackLow(a5, a7), destination + 2 * destinationStride, destinationStride);
        Store(Avx.UnpackHigh(a1, a3), Avx.UnpackHigh(a5, a7), destination + 3 * destinationStride, destinationStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Load(uint* p) => Vector256.Load((float*)p);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<double> upper, Vector256<double> lower, uint* destination, nint stride)
    {
        Avx.Permute2x128(upper, lower, 0x20).AsUInt32().Store(destination);
        Avx.Permute2x128(upper, lower, 0x31).AsUInt32().Store(destination + 4 * stride);
    }
}

/// <summary>4 x 4 elements of 8 bytes in four 256-bit registers.</summary>
internal readonly unsafe struct TransposeTile4x4Avx : ITransposeTile<ulong>
{
    public static int Size => 4;

    public static void Run(ulong* source, nint sourceStride, ulong* destination, nint destinationStride)
    {
        Vector256<double> r0 = Vector256.Load((double*)source), r1 = Vector256.Load((double*)(source + sourceStride));
        Vector256<double> r2 = Vector256.Load((double*)(source + 2 * sourceStride)), r3 = Vector256.Load((double*)(source + 3 * sourceStride));
        Vector256<double> a0 = Avx.UnpackLow(r0, r1), a1 = Avx.UnpackHigh(r0, r1), a2 = Avx.UnpackLow(r2, r3), a3 = Avx.UnpackHigh(r2, r3);
        Avx.Permute2x128(a0, a2, 0x20).AsUInt64().Store(destination);
        Avx.Permute2x128(a1, a3, 0x20).AsUInt64().Store(destination + destinationStride);
        Avx.Permute2x128(a0, a2, 0x31).AsUInt64().Store(destination + 2 * destinationStride);
        Avx.Permute2x128(a1, a3, 0x31).AsUInt64().Store(destination + 3 * destinationStride);
    }
}
