using System.Collections.Immutable;

namespace Ai3.Ops;

internal static class RecurrentAlgorithms
{
    /// <summary>Every way to compute a recurrent layer. Order is the tie-break.</summary>
    public static readonly ImmutableArray<Algorithm<RecurrentProblem>> All =
    [
        RecurrentFused.Row,
        ReferenceAlgorithm.Of<RecurrentProblem>(RecurrentOracle.Evaluate),
    ];
}
