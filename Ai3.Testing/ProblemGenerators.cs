using System.Collections.Immutable;
using Ai3.Ops;

namespace Ai3.Testing;

/// <summary>The generators of all families: one line for each. A row whose operator none serves is a failing test.</summary>
internal static class ProblemGenerators
{
    /// <summary>Every generator.</summary>
    public static ImmutableArray<IProblemGenerator> All { get; } =
    [
        new GemmProblems(),
        new ConvProblems(),
        new ReorderProblems(),
        .. MovementProblems.All,
        new FastGeluProblems(),
        new ElementwiseProblems(),
        new ElementwiseCastProblems(),
        new ElementwiseIdentityProblems(),
        new ReductionProblems(),
        new ReductionArgProblems(),
        new ReductionCumulativeProblems(),
        new PoolingProblems(),
        new NormalizationProblems(),
        new BatchNormProblems(),
        new LrnProblems(),
        new SkipNormProblems(),
        new EmbedNormProblems(),
        new AttentionProblems(),
        new RotaryProblems(),
        new TensorScatterProblems(),
        new CausalConvProblems(),
        new LinearAttentionProblems(),
        new SoftmaxProblems(),
        new ImageScalerProblems(),
        new ConvTransposeProblems(),
        new MachineLearningProblems(),
        new MachineLearningFeatureProblems(),
        new TopKProblems(),
        new BitCastProblems(),
        new EinsumProblems(),
        new DftProblems(),
        new StftProblems(),
        new WindowProblems(),
        new MelProblems(),
        new LossProblems(),
        new RandomProblems(),
        new OptimizerProblems(),
        new DetProblems(),
        new QuantizeProblems(),
        new QuantDynamicProblems(),
        new QuantMatMulProblems(),
        new QuantConvProblems(),
        new QuantNBitsProblems(),
        new QuantLinearProblems(),
        new ResizeProblems(),
        new RecurrentProblems(),
        .. SamplingProblems.All,
        .. ContributedProblems.All,
    ];

    /// <summary>The first generator that makes problems of the operator, or null.</summary>
    public static IProblemGenerator? For(OpDefinition op) => All.FirstOrDefault(g => g.Serves(op));
}
