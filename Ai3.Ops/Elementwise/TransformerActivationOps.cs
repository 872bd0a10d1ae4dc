using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>The element-wise operators of transformers.</summary>
internal static class TransformerActivationOps
{
    private const string Microsoft = "com.microsoft";

    public static ImmutableArray<OpDefinition> All { get; } =
    [
        new ElementwiseOp(TypeSet.Float, "gelu") { Domain = Microsoft, Name = "Gelu", MinInputs = 1, MaxInputs = 1, Use = static _ => new("gelu") },
        new ElementwiseOp(TypeSet.Float, "swish") { Domain = Microsoft, Name = "QuickGelu", MinInputs = 1, MaxInputs = 1, Use = static a => new("swish", a.Float("alpha", 1.702f)) },
        new ElementwiseOp(TypeSet.Float, "bias_gelu") { Domain = Microsoft, Name = "BiasGelu", MinInputs = 2, MaxInputs = 2, Use = static _ => new("bias_gelu") },
        new ElementwiseOp(TypeSet.Float, "sum") { Domain = Microsoft, Name = "BiasAdd", MinInputs = 3, MaxInputs = 3, Use = static _ => new("sum") },
        BiasSplitGeluOp.Definition,
        new FastGeluOp { Domain = Microsoft, Name = "FastGelu", MinInputs = 1, MaxInputs = 2 },
        new ElementwiseOp(TypeSet.Float, "swiglu")
        {
            Name = "SwiGLU",
            Since = 28,
            MinInputs = 2,
            MaxInputs = 2,
            Rule = BroadcastRule.ToFirst,
            Use = static a => new("swiglu", a.Float("alpha", 1)),
        },
    ];
}
