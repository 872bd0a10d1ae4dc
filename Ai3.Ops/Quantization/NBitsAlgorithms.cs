using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to multiply by a matrix of block-quantised codes.</summary>
internal static class NBitsAlgorithms
{
    public static ImmutableArray<Algorithm<NBitsProblem>> All { get; } =
    [
        NBitsRows.Row,
        NBitsPanels.Row,
        ReferenceAlgorithm.Of<NBitsProblem>(NBitsOracle.Evaluate),
    ];
}
