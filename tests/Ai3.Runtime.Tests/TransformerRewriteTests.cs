using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime.Tests;

/// <summary>Patterns of transformers become one node each, compute the same, and can be switched off.</summary>
public sealed class TransformerRewriteTests
{
    private static readonly Attributes s_lastAxis = SpecBuilder.Ints("axes", -1);

    public static TheoryData<string, string, string[]> Cases => new()
    {
        { "fuse_layer_norm", "pow", ["LayerNormalization"] },
        { "fuse_layer_norm", "reciprocal", ["LayerNormalization"] },
        { "fuse_layer_norm", "no bias", ["LayerNormalization"] },
        { "fuse_rms_norm", "quotient", ["RMSNormalization"] },
        { "fuse_rms_norm", "reciprocal", ["RMSNormalization"] },
        { "fuse_gelu", "erf", ["Gelu"] },
        { "fuse_gelu", "erf halves first", ["Gelu"] },
        { "fuse_gelu", "tanh", ["Gelu"] },
        { "fuse_swiglu", "gate", ["SwiGLU"] },
        { "fuse_swiglu", "alone", ["Swish"] },
        { "fuse_attention", "plain", ["Attention"] },
        { "fuse_attention", "masked", ["Attention"] },
        { "fuse_attention", "transposed at once", ["Transpose", "Attention"] },
        { "fuse_attention_heads", "heads", ["Attention"] },
    };

    [Theory, MemberData(nameof(Cases))]
    public void RewritesAndComputesTheSame(string rewrite, string variant, string[] expected)
    {
        Model model = ModelFor(rewrite, variant).Build("y");
        using Session with = model.Compile(new() { Threads = 1 });
        using Session without = model.Compile(new() { Threads = 1, DisabledRewrites = [rewrite] });
        Assert.Equal(expected, with.Graph.Nodes.Select(n => n.OpType));
        Assert.NotEqual(expected, without.Graph.Nodes.Select(n => n.OpType));
        ImmutableArray<float> a = Run(without), b = Run(with);
        Assert.Equal(a.Length, b.Length);
        float largest = a.Max(Math.Abs);
        for (int i = 0; i < a.Length; i++)
            Assert.True(Math.Abs(a[i] - b[i]) <= 1e-5f * Math.Max(1, largest), $"element {i}: {a[i]} became {b[i]}");
    }

    [Fact]
    public void SharedPartsAreNotFused()
    {
        using Session session = ModelFor("fuse_layer_norm", "pow").Build("y", "q").Compile(new() { Threads = 1 });
        Assert.DoesNotContain("LayerNormalization", session.Graph.Nodes.Select(n => n.OpType));
    }

    private static SpecBuilder ModelFor(string rewrite, string variant) => rewrite switch
    {
        "fuse_layer_norm" => LayerNorm(variant),
        "fuse_rms_norm" => RmsNorm(variant),
        "fuse_gelu" => Gelu(variant),
        "fuse_swiglu" when variant == "gate" => new SpecBuilder().Input("x", 3, 5).Input("b", 3, 5)
            .Node("Sigmoid", "x", "s").Node("Mul", "x s", "t").Node("Mul", "b t", "y"),
        "fuse_swiglu" => new SpecBuilder().Input("x", 3, 5).Node("Sigmoid", "x", "s").Node("Mul", "s x", "y"),
        "fuse_attention_heads" => Heads(),
        _ => Attention(variant),
    };

    private static SpecBuilder Heads()
    {
        SpecBuilder b = new SpecBuilder().Input("q", 2, 5, 12).Input("k", 2, 7, 12).Input("v", 2, 7, 6).Constant("scale", [2f])
            .Constant("split", [0L, 0, 3, 4]).Constant("narrow", [0L, 0, 3, 2]).Constant("join", [0L, 0, 6]);
        Attributes heads = SpecBuilder.Ints("perm", 0, 2, 1, 3);
        return b.Node("Reshape", "q split", "q4").Node("Transpose", "q4", "qh", heads).Node("Reshape", "k split", "k4")
            .Node("Transpose", "k4", "kt", SpecBuilder.Ints("perm", 0, 2, 3, 1)).Node("Reshape", "v narrow", "v4").Node("Transpose", "v4", "vh", heads)
            .Node("MatMul", "qh kt", "s").Node("Div", "s scale", "d").Node("Softmax", "d", "p", Attributes.Empty.With("axis", -1L)).Node("MatMul", "p vh", "o")
            .Node("Transpose", "o", "t", heads).Node("Reshape", "t join", "y");
    }

    private static SpecBuilder LayerNorm(string variant)
    {
        SpecBuilder b = new SpecBuilder().Input("x", 2, 3, 8).Pattern("g", 1, 8).Pattern("b", 2, 8).Constant("two", [2f]).Constant("e", [1e-5f]).Constant("one", [1f])
            .Node("ReduceMean", "x", "m", s_lastAxis).Node("Sub", "x m", "d");
        b = variant == "reciprocal" ? b.Node("Mul", "d d", "s") : b.Node("Pow", "d two", "s");
        b = b.Node("ReduceMean", "s", "v", s_lastAxis).Node("Add", "v e", "w").Node("Sqrt", "w", "r");
        b = variant == "reciprocal" ? b.Node("Div", "one r", "i").Node("Mul", "i d", "q") : b.Node("Div", "d r", "q");
        return variant == "no bias" ? b.Node("Mul", "q g", "y") : b.Node("Mul", "g q", "t").Node("Add", "t b", "y");
    }

    private static SpecBuilder RmsNorm(string variant)
    {
        SpecBuilder b = new SpecBuilder().Input("x", 2, 3, 8).Pattern("g", 1, 8).Constant("e", [1e-5f])
            .Node("Mul", "x x", "s").Node("ReduceMean", "s", "v", s_lastAxis).Node("Add", "v e", "w").Node("Sqrt", "w", "r");
        b = variant == "reciprocal" ? b.Node("Reciprocal", "r", "i").Node("Mul", "x i", "q") : b.Node("Div", "x r", "q");
        return b.Node("Mul", "g q", "y");
    }

    private static SpecBuilder Gelu(string variant)
    {
        SpecBuilder b = new SpecBuilder().Input("x", 2, 9).Constant("root", [1.41421354f]).Constant("half", [0.5f]).Constant("one", [1f]).Constant("three", [3f])
            .Constant("c", [0.044715f]).Constant("p", [0.7978846f]);
        return variant switch
        {
            "erf" => b.Node("Div", "x root", "a").Node("Erf", "a", "f").Node("Add", "f one", "s").Node("Mul", "x s", "t").Node("Mul", "t half", "y"),
            "erf halves first" => b.Node("Div", "x root", "a").Node("Erf", "a", "f").Node("Add", "one f", "s").Node("Mul", "x half", "h").Node("Mul", "h s", "y"),
            _ => b.Node("Pow", "x three", "k").Node("Mul", "c k", "l").Node("Add", "x l", "i").Node("Mul", "p i", "a").Node("Tanh", "a", "f").Node("Add", "one f", "s")
                .Node("Mul", "half x", "h").Node("Mul", "h s", "y"),
        };
    }

    private static SpecBuilder Attention(string variant)
    {
        SpecBuilder b = new SpecBuilder().Input("q", 2, 3, 5, 8).Input("v", 2, 3, 7, 4).Constant("scale", [2.5f]).Input("mask", 2, 1, 1, 7);
        b = variant == "transposed at once" ? b.Input("k", 2, 7, 3, 8).Node("Transpose", "k", "t", SpecBuilder.Ints("perm", 0, 2, 3, 1))
            : b.Input("k", 2, 3, 7, 8).Node("Transpose", "k", "t", SpecBuilder.Ints("perm", 0, 1, 3, 2));
        b = b.Node("MatMul", "q t", "s").Node("Div", "s scale", "d");
        if (variant == "masked")
            b = b.Node("Add", "d mask", "a");
        return b.Node("Softmax", variant == "masked" ? "a" : "d", "p", Attributes.Empty.With("axis", -1L)).Node("MatMul", "p v", "y");
    }

    private static ImmutableArray<float> Run(Session session)
    {
        var inputs = session.Inputs.Select((v, i) => (v.Name, (Value)Networks.Input(i, v.Tensor!.KnownShape.AsSpan()))).ToArray();
        using Outputs outputs = session.Run(inputs);
        return [.. outputs[0].AsSpan<float>()];
    }
}
