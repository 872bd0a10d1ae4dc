using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to compute a trained model.</summary>
internal static class PredictorAlgorithms
{
    public static readonly ImmutableArray<Algorithm<PredictorProblem>> Trees =
    [
        TreesFloat.Row,
        PredictorRows.Row,
        ReferenceAlgorithm.Of<PredictorProblem>(PredictorReference.Evaluate),
    ];

    /// <summary>The rows of models that are no trees.</summary>
    public static readonly ImmutableArray<Algorithm<PredictorProblem>> Others = Trees.RemoveAt(0);
}
