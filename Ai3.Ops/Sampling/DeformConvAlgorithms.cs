using System.Collections.Immutable;

namespace Ai3.Ops;

internal static class DeformConvAlgorithms
{
    /// <summary>Every way to compute DeformConv. Order is the tie-break.</summary>
    public static readonly ImmutableArray<Algorithm<DeformConvProblem>> All =
    [
        DeformConvColumns.Row,
        ReferenceAlgorithm.Of<DeformConvProblem>(DeformConvOracle.Evaluate),
    ];
}
