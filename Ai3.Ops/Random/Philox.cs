using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Ai3.Ops;

/// <summary>
/// Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011): random bits as a function of a key and a counter, so that element i of a tensor does not
/// depend on how work is split. A seed is the key; without one the key is the process' own and every run has another stream.
/// </summary>
/// <param name="Key">64 bits: the seed.</param>
/// <param name="Stream">The upper half of the counter.</param>
internal readonly record struct Philox(ulong Key, ulong Stream)
{
    private static readonly ulong s_processKey = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
    private static ulong s_runs;

    /// <summary>The bits of a seed.</summary>
    public static Philox Of(float seed) => new(BitConverter.SingleToUInt32Bits(seed), 0);

    /// <summary>The bits of a seed.</summary>
    public static Philox Of(long seed) => new((ulong)seed, 0);

    /// <summary>A stream that no other run has.</summary>
    public static Philox Fresh() => new(s_processKey, Interlocked.Increment(ref s_runs));

    /// <summary>128 bits for a counter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (ulong First, ulong Second) Block(ulong counter)
    {
        uint c0 = (uint)counter, c1 = (uint)(counter >> 32), c2 = (uint)Stream, c3 = (uint)(Stream >> 32);
        uint k0 = (uint)Key, k1 = (uint)(Key >> 32);
        for (int round = 0; round < 10; round++)
        {
            ulong p0 = 0xD2511F53UL * c0, p1 = 0xCD9E8D57UL * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            unchecked
            {
                k0 += 0x9E3779B9;
                k1 += 0xBB67AE85;
            }
        }
        return ((ulong)c1 << 32 | c0, (ulong)c3 << 32 | c2);
    }

    /// <summary>Number <paramref name="index"/> of a sequence of numbers in [0, 1), of 53 bits each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Unit(long index)
    {
        (ulong first, ulong second) = Block((ulong)index >> 1);
        return Unit((index & 1) == 0 ? first : second);
    }

    /// <summary>Number <paramref name="index"/> of a sequence of normal deviates (Box and Muller 1958): a block gives two.</summary>
    public double Normal(long index)
    {
        (ulong first, ulong second) = Block((ulong)index >> 1);
        // 1 - u is in (0, 1], where the logarithm is finite.
        double radius = Math.Sqrt(-2 * Math.Log(1 - Unit(first)));
        (double sin, double cos) = Math.SinCos(2 * Math.PI * Unit(second));
        return radius * ((index & 1) == 0 ? cos : sin);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Unit(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));
}
