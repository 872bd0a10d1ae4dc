namespace Ai3.ModelZoo;

/// <summary>Uniform numbers by position: element i of a tensor depends on the tensor's seed and i alone, so that parts are made in parallel.</summary>
internal static class Weights
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private const int Chunk = 1 << 18;

    /// <summary>The seed of one tensor: FNV-1a of its name, mixed with the model's seed.</summary>
    public static ulong SeedOf(ulong modelSeed, string name)
    {
        ulong hash = 14695981039346656037;
        foreach (char c in name)
            hash = (hash ^ c) * 1099511628211;
        return Mix(hash + modelSeed * Golden);
    }

    /// <summary>Fills memory with numbers in [low, high).</summary>
    public static void Fill(Memory<float> memory, ulong seed, float low, float high)
    {
        int chunks = (memory.Length + Chunk - 1) / Chunk;
        Parallel.For(0, chunks, c =>
        {
            int start = c * Chunk;
            Span<float> part = memory.Span.Slice(start, Math.Min(Chunk, memory.Length - start));
            float scale = (high - low) / (1 << 24);
            for (int i = 0; i < part.Length; i++)
                part[i] = low + (Mix(seed + (ulong)(start + i + 1) * Golden) >> 40) * scale;
        });
    }

    // The finalizer of SplitMix64 (Steele, Lea and Flood 2014).
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
