using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to change a tensor's layout.</summary>
public static class ReorderAlgorithms
{
    /// <summary>The rows, in tie-break order, the reference last.</summary>
    public static ImmutableArray<Algorithm<ReorderProblem>> All { get; } =
    [
        ReorderTransposeBlocked.Row,
        ReorderGeneric.Row,
        ReorderReference.Row,
    ];
}
