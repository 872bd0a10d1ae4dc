using System.Collections.Immutable;

namespace Ai3.Differential.Tests;

/// <summary>Every operator: with uses, or with the reason why there are none.</summary>
internal static class OperatorTable
{
    public static ImmutableArray<OperatorUses> All { get; } =
    [
        .. ElementwiseUses.All, .. MovementUses.All, .. IndexingUses.All, .. ReductionUses.All, .. ProductUses.All, .. PoolingUses.All, .. NormalizationUses.All,
        .. SequenceUses.All, .. TextUses.All,
    ];

    /// <summary>Operators without uses.</summary>
    public static ImmutableArray<(string Op, string Reason)> Apart { get; } =
    [
        ("ai3.Reorder", "ours alone: changes of layout"),
        ("Affine", "experimental, withdrawn from the standard; the peer has no kernel"),
        ("Crop", "experimental, withdrawn from the standard; the peer has it in version 1 only"),
        ("ImageScaler", "experimental, withdrawn from the standard; the peer has it in version 1 only"),
        ("Optional", "the peer's .NET interface does not hand optionals out"),
        ("CumProd", "newer than the peer's operators"),
    ];
}
