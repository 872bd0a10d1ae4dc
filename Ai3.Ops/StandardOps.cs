using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>The operators that come with the runtime: one line for each, families giving their own lists.</summary>
internal static class StandardOps
{
    public static ImmutableArray<OpDefinition> All { get; } =
    [
        GemmOp.Instance,
        MatMulOp.Instance,
        FusedMatMulOp.Instance,
        new FusedMatMulOp { Domain = "com.microsoft", Name = "TransposeMatMul", MinInputs = 2, MaxInputs = 2 },
        FusedGemmOp.Instance,
        ConvOp.Definition,
        ReorderOp.Definition,
        .. PoolingOps.All,
        .. MovementOps.All,
        .. ElementwiseOps.All,
        ImageScalerOp.Definition,
        .. ReductionOps.All,
        .. NormalizationOps.All,
        .. AttentionOps.All,
        .. SoftmaxOp.All,
        ConvTransposeOp.Definition,
        .. SequenceOps.All,
        .. TextOps.All,
        .. MachineLearningOps.All,
        .. SelectingOps.All,
        EinsumOp.V12,
        .. SignalOps.All,
        CDistOp.Definition,
        .. LossOp.All,
        .. RandomOp.All,
        .. OptimizerOp.All,
        .. QuantizationOps.All,
        .. ResizeOp.All,
        .. RecurrentOp.All,
        .. SamplingOps.All,
    ];
}
