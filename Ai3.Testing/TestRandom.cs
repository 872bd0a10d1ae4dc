namespace Ai3.Testing;

/// <summary>
/// Random numbers that are the same on every machine and in every process for a seed: xoshiro256** (Blackman and Vigna 2018),
/// seeded by splitmix64.
/// </summary>
public sealed class TestRandom
{
    private ulong _s0, _s1, _s2, _s3;

    /// <summary>Starts the sequence of a seed.</summary>
    public TestRandom(ulong seed)
    {
        _s0 = SplitMix(ref seed);
        _s1 = SplitMix(ref seed);
        _s2 = SplitMix(ref seed);
        _s3 = SplitMix(ref seed);
    }

    /// <summary>A seed made from another and a text, for sequences that must not depend on each other.</summary>
    public static ulong Derive(ulong seed, string text)
    {
        // FNV-1a, then one round of splitmix64.
        ulong hash = 14695981039346656037 ^ seed;
        foreach (char c in text)
            hash = unchecked((hash ^ c) * 1099511628211);
        return SplitMix(ref hash);
    }

    /// <summary>A seed made from another and a number.</summary>
    public static ulong Derive(ulong seed, long number)
    {
        ulong state = seed ^ unchecked((ulong)number * 0xD1342543DE82EF95);
        return SplitMix(ref state);
    }

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64()
    {
        unchecked
        {
            ulong result = ulong.RotateLeft(_s1 * 5, 7) * 9;
            ulong t = _s1 << 17;
            _s2 ^= _s0;
            _s3 ^= _s1;
            _s1 ^= _s2;
            _s0 ^= _s3;
            _s2 ^= t;
            _s3 = ulong.RotateLeft(_s3, 45);
            return result;
        }
    }

    /// <summary>A number in [0, count).</summary>
    public int Below(int count) => (int)Math.BigMul(NextUInt64(), (ulong)count, out _);

    /// <summary>A number in [low, high], both ends included.</summary>
    public int Between(int low, int high) => low + Below(high - low + 1);

    /// <summary>A number in [0, 1).</summary>
    public double Unit() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number in (-1, 1), its sign independent of its size.</summary>
    public double Signed() => Chance(0.5) ? Unit() : -Unit();

    /// <summary>True with a probability.</summary>
    public bool Chance(double probability) => Unit() < probability;

    /// <summary>One of several, all as likely.</summary>
    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Below(choices.Length)];

    /// <summary>
    /// A dimension of at least 1 that favours edges: half the time 1, 2, 3 or one of <paramref name="edges"/> (lanes, tile and block
    /// sizes) or a neighbour of one, otherwise anything up to <paramref name="size"/>.
    /// </summary>
    /// <param name="size">The greatest dimension; edges above it are not taken.</param>
    /// <param name="edges">Sizes at which the code under test changes its way.</param>
    public int Dim(int size, params ReadOnlySpan<int> edges)
    {
        size = Math.Max(size, 1);
        if (Chance(0.5))
            return Between(1, size);
        int edge = edges.Length > 0 && Chance(0.75) ? Pick(edges) * Pick(1, 1, 1, 2, 3) + Between(-1, 1) : Between(1, 3);
        return edge >= 1 && edge <= size ? edge : Between(1, size);
    }

    /// <summary>Like <see cref="Dim"/>, but 0 once in twenty.</summary>
    public int DimOrZero(int size, params ReadOnlySpan<int> edges) => Chance(0.05) ? 0 : Dim(size, edges);

    private static ulong SplitMix(ref ulong state)
    {
        unchecked
        {
            state += 0x9E3779B97F4A7C15;
            ulong z = state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
