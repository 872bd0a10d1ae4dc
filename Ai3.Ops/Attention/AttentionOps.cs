using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>The operators that compute attention and what goes with it.</summary>
internal static class AttentionOps
{
    private const string Microsoft = "com.microsoft";

    public static ImmutableArray<OpDefinition> All { get; } =
    [
        new StandardAttentionOp { Name = "Attention", Since = 23, MinInputs = 3, MaxInputs = 7, MaxOutputs = 4 },
        new ProjectedAttentionOp { Domain = Microsoft, Name = "Attention", MinInputs = 2, MaxInputs = 7, MaxOutputs = 2 },
        new MultiHeadAttentionOp { Domain = Microsoft, Name = "MultiHeadAttention", MinInputs = 1, MaxInputs = 10, MaxOutputs = 4 },
        new GroupQueryAttentionOp { Domain = Microsoft, Name = "GroupQueryAttention", MinInputs = 7, MaxInputs = 16, MaxOutputs = 4 },
        new RotaryOp(positionsFirst: false) { Name = "RotaryEmbedding", Since = 23, MinInputs = 3, MaxInputs = 4 },
        new RotaryOp(positionsFirst: true) { Domain = Microsoft, Name = "RotaryEmbedding", MinInputs = 4, MaxInputs = 4 },
        RelativePositionBiasOp.Definition,
        new TensorScatterOp { Name = "TensorScatter", Since = 24, MinInputs = 2, MaxInputs = 3 },
        new LinearAttentionOp { Name = "LinearAttention", Since = 27, MinInputs = 3, MaxInputs = 6, MaxOutputs = 2 },
        new LinearAttentionOp { Domain = Microsoft, Name = "LinearAttention", MinInputs = 3, MaxInputs = 6, MaxOutputs = 2 },
        new CausalConvOp { Name = "CausalConvWithState", Since = 27, MinInputs = 2, MaxInputs = 4, MaxOutputs = 2 },
        new CausalConvOp { Domain = Microsoft, Name = "CausalConvWithState", MinInputs = 2, MaxInputs = 4, MaxOutputs = 2 },
    ];
}
