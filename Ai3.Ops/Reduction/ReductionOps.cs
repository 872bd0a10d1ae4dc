using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>The reductions.</summary>
internal static class ReductionOps
{
    public static ImmutableArray<OpDefinition> All { get; } = [.. ReductionOp.All, .. ArgReductionOp.All, .. CumulativeOp.All, DetOp.V11];
}
