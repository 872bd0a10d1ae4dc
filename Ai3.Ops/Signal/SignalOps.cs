using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>The operators of signal processing.</summary>
internal static class SignalOps
{
    public static ImmutableArray<OpDefinition> All { get; } = [.. DftOp.All, StftOp.V17, .. WindowOp.All, MelWeightMatrixOp.V17];
}
