using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to compute the losses.</summary>
internal static class LossAlgorithms
{
    public static ImmutableArray<Algorithm<LossProblem>> All { get; } = [LossDirect.Row, ReferenceAlgorithm.Of<LossProblem>(LossOracle.Evaluate)];
}
