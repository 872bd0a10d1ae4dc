using Ai3.Ops;

namespace Ai3.Testing;

/// <summary>One check, fully determined: the same case gives the same result everywhere.</summary>
internal sealed record CheckCase
{
    /// <summary>The operator.</summary>
    public required OpDefinition Op { get; init; }

    /// <summary>The row under test.</summary>
    public required Algorithm Row { get; init; }

    /// <summary>The problem.</summary>
    public required Problem Problem { get; init; }

    /// <summary>The instruction set.</summary>
    public required IsaLevel Isa { get; init; }

    /// <summary>Determines inputs and cache sizes.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The kind of inputs.</summary>
    public required CheckMode Mode { get; init; }

    /// <summary>Where operands are.</summary>
    public Placement Placement { get; init; } = Placement.Canary;

    /// <summary>The greatest number of threads: results with 1 to that many must be bit-equal.</summary>
    public int MaxThreads { get; init; } = 3;

    /// <summary>The target for a number of threads. Small caches now and then, so that small problems have several blocks.</summary>
    public Target Target(int threads) => new(Isa, threads, TestRandom.Derive(Seed, 77) % 3 == 0 ? new CacheSizes(2 << 10, 8 << 10, 32 << 10) : CacheSizes.Typical);

    /// <summary>One line that names the case.</summary>
    public override string ToString() => $"{Op} {Row.Name} {Isa} {Mode} {Placement} seed 0x{Seed:x} problem '{Problem.Key}'";
}
