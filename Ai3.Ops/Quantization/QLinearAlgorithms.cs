using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to compute a quantised operator by its real form.</summary>
internal static class QLinearAlgorithms
{
    /// <summary>The rows of a quantised operator by the name of its real form.</summary>
    public static ImmutableArray<Algorithm<QLinearProblem>> Of(string inner) =>
        inner is "Sigmoid" or "LeakyRelu" ? [QLinearTable.Row, .. s_all] : s_all;

    private static readonly ImmutableArray<Algorithm<QLinearProblem>> s_all =
    [
        QLinearThroughReal.Row,
        QLinearThroughReal.Reference,
    ];
}
