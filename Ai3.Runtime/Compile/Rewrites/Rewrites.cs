using System.Collections.Immutable;

namespace Ai3.Runtime;

/// <summary>The rewrites in the order they are applied.</summary>
internal static class Rewrites
{
    /// <summary>Those that need constants as the model has them: folding would dequantise weights.</summary>
    public static ImmutableArray<IRewrite> BeforeFolding { get; } = [new FuseQuantized()];

    public static ImmutableArray<IRewrite> All { get; } =
    [
        new InlineIf(),
        new EliminateDead(),
        new EliminateIdentity(),
        new WidenFloat16(),
        new EliminateDead(),
        new FuseLayerNorm(),
        new FuseRmsNorm(),
        new FuseGelu(),
        new FuseSwiGlu(),
        new FuseRotary(),
        new FuseAttention(),
        new FuseAttentionHeads(),
        new EliminateDead(),
        new FoldPadIntoConv(),
        new FoldBatchNorm(),
        new FuseConvBias(),
        new FuseMatMulBias(),
        new FuseResidualAdd(),
        new FuseSkipNorm(),
        new FuseActivation(),
        new FuseBatchNormPrologue(),
        new EliminateDead(),
    ];
}
