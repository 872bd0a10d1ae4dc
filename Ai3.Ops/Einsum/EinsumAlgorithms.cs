using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to compute Einsum.</summary>
internal static class EinsumAlgorithms
{
    public static ImmutableArray<Algorithm<EinsumProblem>> All { get; } = [EinsumGemm.Row, EinsumLoops.Row, ReferenceAlgorithm.Of<EinsumProblem>(EinsumOracle.Evaluate)];
}
