using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Ai3.Ops;

/// <summary>4 x 4 elements of 4 bytes: four rows in four 128-bit registers, interleaved twice.</summary>
internal readonly unsafe struct TransposeTile4x4 : ITransposeTile<uint>
{
    public static int Size => 4;

    public static void Run(uint* source, nint sourceStride, uint* destination, nint destinationStride)
    {
        Vector128<uint> r0 = Vector128.Load(source), r1 = Vector128.Load(source + sourceStride);
        Vector128<uint> r2 = Vector128.Load(source + 2 * sourceStride), r3 = Vector128.Load(source + 3 * sourceStride);
        Vector128<ulong> a0 = Interleave.Low(r0, r1).AsUInt64(), a1 = Interleave.High(r0, r1).AsUInt64();
        Vector128<ulong> a2 = Interleave.Low(r2, r3).AsUInt64(), a3 = Interleave.High(r2, r3).AsUInt64();
        Interleave.Low(a0, a2).AsUInt32().Store(destination);
        Interleave.High(a0, a2).AsUInt32().Store(destination + destinationStride);
        Interleave.Low(a1, a3).AsUInt32().Store(destination + 2 * destinationStride);
        Interleave.High(a1, a3).AsUInt32().Store(destination + 3 * destinationStride);
    }
}

/// <summary>8 x 8 elements of 2 bytes: interleaved by 16, 32 and 64 bits.</summary>
internal readonly unsafe struct TransposeTile8x8Words : ITransposeTile<ushort>
{
    public static int Size => 8;

    public static void Run(ushort* source, nint sourceStride, ushort* destination, nint destinationStride)
    {
        Vector128<ushort> r0 = Vector128.Load(source), r1 = Vector128.Load(source + sourceStride);
        Vector128<ushort> r2 = Vector128.Load(source + 2 * sourceStride), r3 = Vector128.Load(source + 3 * sourceStride);
        Vector128<ushort> r4 = Vector128.Load(source + 4 * sourceStride), r5 = Vector128.Load(source + 5 * sourceStride);
        Vector128<ushort> r6 = Vector128.Load(source + 6 * sourceStride), r7 = Vector128.Load(source + 7 * sourceStride);
        // Pairs of rows: a holds columns 0-3, b columns 4-7.
        Vector128<uint> a0 = Interleave.Low(r0, r1).AsUInt32(), b0 = Interleave.High(r0, r1).AsUInt32();
        Vector128<uint> a2 = Interleave.Low(r2, r3).AsUInt32(), b2 = Interleave.High(r2, r3).AsUInt32();
        Vector128<uint> a4 = Interleave.Low(r4, r5).AsUInt32(), b4 = Interleave.High(r4, r5).AsUInt32();
        Vector128<uint> a6 = Interleave.Low(r6, r7).AsUInt32(), b6 = Interleave.High(r6, r7).AsUInt32();
        Store(Interleave.Low(a0, a2), Interleave.Low(a4, a6), destination, destinationStride);
        Store(Interleave.High(a0, a2), Interleave.High(a4, a6), destination + 2 * destinationStride, destinationStride);
        Store(Interleave.Low(b0, b2), Interleave.Low(b4, b6), destination + 4 * destinationStride, destinationStride);
        Store(Interleave.High(b0, b2), Interleave.High(b4, b6), destination + 6 * destinationStride, destinationStride);
    }

    // Two columns: rows 0-3 of both in one vector, rows 4-7 in the other.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<uint> upper, Vector128<uint> lower, ushort* destination, nint stride)
    {
        Interleave.Low(upper.AsUInt64(), lower.AsUInt64()).AsUInt16().Store(destination);
        Interleave.High(upper.AsUInt64(), lower.AsUInt64()).AsUInt16().Store(destination + stride);
    }
}

/// <summary>8 x 8 elements of 1 byte: interleaved by 8, 16 and 32 bits.</summary>
internal readonly unsafe struct TransposeTile8x8Bytes : ITransposeTile<byte>
{
    public static int Size => 8;

    public static void Run(byte* source, nint sourceStride, byte* destination, nint destinationStride)
    {
        Vector128<ushort> a0 = Rows(source, sourceStride), a1 = Rows(source + 2 * sourceStride, sourceStride);
        Vector128<ushort> a2 = Rows(source + 4 * sourceStride, sourceStride), a3 = Rows(source + 6 * sourceStride, sourceStride);
        Vector128<uint> b0 = Interleave.Low(a0, a1).AsUInt32(), b1 = Interleave.High(a0, a1).AsUInt32();
        Vector128<uint> b2 = Interleave.Low(a2, a3).AsUInt32(), b3 = Interleave.High(a2, a3).AsUInt32();
        Store(Interleave.Low(b0, b2), destination, destinationStride);
        Store(Interleave.High(b0, b2), destination + 2 * destinationStride, destinationStride);
        Store(Interleave.Low(b1, b3), destination + 4 * destinationStride, destinationStride);
        Store(Interleave.High(b1, b3), destination + 6 * destinationStride, destinationStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Rows(byte* source, nint stride) =>
        Interleave.Low(Row(source), Row(source + stride)).AsUInt16();

    // As integers: a Vector64 would go through memory.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Row(byte* p) => Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(p)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<uint> columns, byte* destination, nint stride)
    {
        Unsafe.WriteUnaligned(destination, columns.AsUInt64().ToScalar());
        Unsafe.WriteUnaligned(destination + stride, columns.AsUInt64().GetElement(1));
    }
}
