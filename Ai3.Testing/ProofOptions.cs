using System.Collections.Immutable;
using Ai3.Ops;

namespace Ai3.Testing;

/// <summary>How much of an algorithm is proven.</summary>
public sealed record ProofOptions
{
    /// <summary>Problems for each instruction set.</summary>
    public int Count { get; init; } = 200;

    /// <summary>Determines the problems.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The instruction set; null for all that can run here.</summary>
    public IsaLevel? Isa { get; init; }

    /// <summary>How large dimensions may get; null for small and large in turn.</summary>
    public int? Size { get; init; }

    /// <summary>One problem of exactly this seed: repeats a failure.</summary>
    public bool Once { get; init; }

    /// <summary>Where operands are, in turn; with <see cref="Once"/> all of them. Guarded ones end the process where memory is touched that is not the algorithm's.</summary>
    public ImmutableArray<Placement> Placements { get; init; } = [Placement.Canary];

    /// <summary>Failures of one instruction set after which the next is begun.</summary>
    public int MaxFailures { get; init; } = 1;

    /// <summary>Called before each problem, so that one that ends the process is known; null for nothing.</summary>
    public Action<ProofStep>? Before { get; init; }

    /// <summary>Makes problems of operators that are not built in, or other problems of those that are: the first that serves the operator.</summary>
    public ImmutableArray<IProblemGenerator> Generators { get; init; } = [];
}
