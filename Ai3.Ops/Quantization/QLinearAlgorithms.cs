using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to compute a quantised operator by its real form.</summary>
internal static class QLinearAlgorithms
{
    public static ImmutableArray<Algorithm<QLinearProblem>> All { get; } =
    [
        QLinearTable.Row,
        QLinearThroughReal.Row,
        QLinearThroughReal.Reference,
    ];
}
