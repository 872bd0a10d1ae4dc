using System.Collections.Immutable;

namespace Ai3.Runtime;

/// <summary>The rewrites in the order they are applied.</summary>
internal static class Rewrites
{
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
        new FuseAttention(),
        new FuseAttentionHeads(),
        new EliminateDead(),
        new FoldPadIntoConv(),
        new FoldBatchNorm(),
        new FuseConvBias(),
        new FuseMatMulBias(),
        new FuseResidualAdd(),
        new FuseActivation(),
        new FuseBatchNormPrologue(),
        new EliminateDead(),
    ];
}
