using System.Collections.Immutable;

namespace Ai3.Differential.Tests;

/// <summary>Every operator: with uses, or with the reason why there are none.</summary>
internal static class OperatorTable
{
    public static ImmutableArray<OperatorUses> All { get; } =
    [
        .. ElementwiseUses.All, .. MovementUses.All, .. IndexingUses.All, .. ReductionUses.All, .. ProductUses.All, .. PoolingUses.All, .. NormalizationUses.All,
        .. SequenceUses.All, .. TextUses.All, .. SelectingUses.All, .. SignalUses.All, .. LossUses.All, .. QuantizationUses.All,
        .. RecurrentUses.All, .. ResizeUses.All, .. MachineLearningUses.All, .. AttentionUses.All, .. ContributedUses.All,
    ];

    /// <summary>Operators with differences of which it is not settled yet which side is right: their tests are skipped, with the differences as the reason.</summary>
    public static ImmutableArray<string> Unsettled { get; } =
    [
    ];

    /// <summary>Operators without uses.</summary>
    public static ImmutableArray<(string Op, string Reason)> Apart { get; } =
    [
        ("ai3.Reorder", "ours alone: changes of layout"),
        ("Affine", "experimental, withdrawn from the standard; the peer has no kernel"),
        ("Crop", "experimental, withdrawn from the standard; the peer has it in version 1 only"),
        ("ImageScaler", "experimental, withdrawn from the standard; the peer has it in version 1 only"),
        ("com.microsoft.QLinearWhere", "the peer's process dies of operands that broadcast"),
        ("Optional", "the peer's .NET interface does not hand optionals out"),
        ("RandomNormal", "random"),
        ("RandomNormalLike", "random"),
        ("RandomUniform", "random"),
        ("RandomUniformLike", "random"),
        ("Bernoulli", "random"),
        ("Multinomial", "random"),
        ("ai.onnx.preview.training.Adagrad", "the peer's CPU provider has no optimisers"),
        ("ai.onnx.preview.training.Adam", "the peer's CPU provider has no optimisers"),
        ("ai.onnx.preview.training.Momentum", "the peer's CPU provider has no optimisers"),
        ("ai.onnx.ml.TreeEnsemble", "newer than the peer's operators"),
        ("ai.onnx.ml.ZipMap", "makes maps, which the peer's .NET interface does not hand out in sequences"),
        ("ai.onnx.ml.DictVectorizer", "reads maps, which the peer's .NET interface does not take as they are"),
        ("ai.onnx.ml.CastMap", "reads maps, which the peer's .NET interface does not take as they are"),
        ("TensorScatter", "newer than the peer's operators"),
        ("LinearAttention", "newer than the peer's operators"),
        ("com.microsoft.LinearAttention", "newer than the peer's operators"),
        ("CausalConvWithState", "newer than the peer's operators"),
        ("com.microsoft.CausalConvWithState", "newer than the peer's operators"),
        ("SwiGLU", "newer than the peer's operators"),
        ("com.microsoft.SimplifiedLayerNormalization", "the peer has it in ai.onnx only, where it is not standard"),
        ("com.microsoft.BiasAdd", "the peer's CPU provider has no kernel"),
        ("com.microsoft.BiasSplitGelu", "the peer's CPU provider has no kernel"),
        ("com.microsoft.RelativePositionBias", "the peer's CPU provider has no kernel"),
        ("GivenTensorFill", "experimental, withdrawn from the standard; the peer has no kernel"),
        ("ParametricSoftplus", "experimental, withdrawn from the standard; the peer has no kernel"),
        ("Scale", "experimental, withdrawn from the standard; the peer has no kernel"),
        ("ScaledTanh", "experimental, withdrawn from the standard; the peer has no kernel"),
        ("BitCast", "newer than the peer's operators"),
        ("CumProd", "newer than the peer's operators"),
    ];
}
