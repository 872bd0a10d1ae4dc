using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to compute a trained model.</summary>
internal static class PredictorAlgorithms
{
    public static readonly ImmutableArray<Algorithm<PredictorProblem>> All =
    [
        TreesFloat.Row,
        PredictorRows.Row,
        ReferenceAlgorithm.Of<PredictorProblem>(PredictorReference.Evaluate),
    ];
}
