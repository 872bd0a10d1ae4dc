namespace Ai3.Ops;

/// <summary>Data cache sizes in bytes, one core's share.</summary>
/// <param name="L1">Level 1.</param>
/// <param name="L2">Level 2.</param>
/// <param name="L3">Level 3.</param>
public readonly record struct CacheSizes(int L1, int L2, int L3)
{
    /// <summary>What a machine of unknown make is taken to have.</summary>
    public static CacheSizes Typical => new(32 << 10, 1 << 20, 16 << 20);
}

/// <summary>The machine that a plan is made for. Algorithms decide from this and the problem alone.</summary>
/// <param name="Isa">The instruction set to use.</param>
/// <param name="Threads">Threads that may work on one kernel, 1 or more.</param>
/// <param name="Caches">Cache sizes, for blocking.</param>
public sealed record Target(IsaLevel Isa, int Threads, CacheSizes Caches)
{
    /// <summary>float32 lanes of a vector at this level.</summary>
    public int Lanes => Isa switch
    {
        IsaLevel.Avx512 => 16,
        IsaLevel.Avx2 => 8,
        IsaLevel.V128 => 4,
        _ => 1,
    };

    /// <summary>Elements in a channel block at this level: the vector's lanes, at least 4.</summary>
    public int ChannelBlock => Math.Max(Lanes, 4);

    /// <summary>float32 operations a nanosecond of one thread at peak, as cost hints assume.</summary>
    public double FlopsPerNanosecond => Isa switch
    {
        IsaLevel.Avx512 or IsaLevel.Avx2 => 110,
        IsaLevel.V128 => 50,
        _ => 5,
    };

    /// <summary>Bytes a nanosecond of one thread from memory, as cost hints assume.</summary>
    public double BytesPerNanosecond => 20;
}
