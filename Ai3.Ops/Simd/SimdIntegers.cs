using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Ai3.Ops;

/// <summary>What kernels on 8-bit integers need: int32 lanes from bytes and back, and products of int16 pairs.</summary>
internal unsafe partial interface ISimd<V> where V : unmanaged
{
    /// <summary>In each int32 lane, c plus the sum of the products of the lane's two int16 halves; wraps at 32 bits, never saturates.</summary>
    static abstract V MulAddPairs(V a, V b, V c);

    /// <summary>Lanes bytes as int32 lanes.</summary>
    static abstract V LoadBytes(byte* p);

    /// <summary>Lanes signed bytes as int32 lanes.</summary>
    static abstract V LoadSignedBytes(byte* p);

    /// <summary>Stores the low byte of every int32 lane.</summary>
    static abstract void StoreBytes(V v, byte* p);
}

internal readonly unsafe partial struct SimdAvx512
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MulAddPairs(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Avx512F.Add(c.AsInt32(), Avx512BW.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16())).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadBytes(byte* p) => Avx512F.ConvertToVector512Int32(Vector128.Load(p)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadSignedBytes(byte* p) => Avx512F.ConvertToVector512Int32(Vector128.Load((sbyte*)p)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector512<float> v, byte* p) => Avx512F.ConvertToVector128Byte(v.AsInt32()).Store(p);
}

internal readonly unsafe partial struct SimdAvx2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MulAddPairs(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        Avx2.Add(c.AsInt32(), Avx2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16())).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadBytes(byte* p) => Avx2.ConvertToVector256Int32(p).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadSignedBytes(byte* p) => Avx2.ConvertToVector256Int32((sbyte*)p).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector256<float> v, byte* p)
    {
        Vector256<int> low = Avx2.And(v.AsInt32(), Vector256.Create(0xFF));
        Vector128<ushort> halves = Sse41.PackUnsignedSaturate(low.GetLower(), low.GetUpper());
        Sse2.StoreScalar((long*)p, Sse2.PackUnsignedSaturate(halves.AsInt16(), halves.AsInt16()).AsInt64());
    }
}

internal readonly unsafe partial struct Simd128
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MulAddPairs(Vector128<float> a, Vector128<float> b, Vector128<float> c)
    {
        if (Sse2.IsSupported)
            return (c.AsInt32() + Sse2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16())).AsSingle();
        Vector128<int> x = a.AsInt32(), y = b.AsInt32();
        Vector128<int> low = (x << 16 >> 16) * (y << 16 >> 16), high = (x >> 16) * (y >> 16);
        return (c.AsInt32() + low + high).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadBytes(byte* p) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(Unsafe.ReadUnaligned<uint>(p)).AsByte())).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadSignedBytes(byte* p) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(Unsafe.ReadUnaligned<uint>(p)).AsSByte())).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector128<float> v, byte* p)
    {
        Vector128<ushort> halves = Vector128.Narrow(v.AsUInt32(), v.AsUInt32());
        Unsafe.WriteUnaligned(p, Vector128.Narrow(halves, halves).AsUInt32().ToScalar());
    }
}

internal readonly unsafe partial struct SimdScalar
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MulAddPairs(float a, float b, float c)
    {
        int x = BitConverter.SingleToInt32Bits(a), y = BitConverter.SingleToInt32Bits(b);
        return BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(c) + (short)x * (short)y + (x >> 16) * (y >> 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LoadBytes(byte* p) => FromBits(*p);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LoadSignedBytes(byte* p) => FromBits(*(sbyte*)p);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(float v, byte* p) => *p = (byte)BitConverter.SingleToInt32Bits(v);

    // Inlined, the JIT compiler of .NET 10 reads the four bytes at a byte's address as the float.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float FromBits(int bits) => BitConverter.Int32BitsToSingle(bits);
}
