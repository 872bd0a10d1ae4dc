using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime.Tests;

/// <summary>Rotary positions, hidden scores and residual normalisation become one node each, compute the same, and are left alone where they would not.</summary>
public sealed class DecoderRewriteTests
{
    private static readonly Attributes s_last = Attributes.Empty.With("axis", -1L);

    public static TheoryData<string, string, string[]> Cases => new()
    {
        { "fuse_rotary", "half", ["com.microsoft.RotaryEmbedding"] },
        { "fuse_rotary", "half of each batch", ["Concat", "Unsqueeze", "Cos", "Sin", "Slice", "Squeeze", "Slice", "Squeeze", "RotaryEmbedding"] },
        { "fuse_rotary", "pairs of halves", ["com.microsoft.RotaryEmbedding"] },
        { "fuse_rotary", "neighbours", ["com.microsoft.RotaryEmbedding"] },
        { "fuse_rotary", "strides", ["com.microsoft.RotaryEmbedding"] },
        { "fuse_attention", "triangle", ["Attention"] },
        { "fuse_attention", "infinity", ["Greater", "Attention"] },
        { "fuse_attention", "filled", ["Greater", "Where", "Attention"] },
        { "fuse_attention", "one head", ["Attention"] },
        { "fuse_attention", "one head, position first", ["Transpose", "Attention"] },
        { "fuse_attention", "transposed back", ["Transpose", "Attention"] },
        { "fuse_skip_norm", "layer", ["com.microsoft.SkipLayerNormalization"] },
        { "fuse_skip_norm", "sum read", ["com.microsoft.SkipLayerNormalization", "Relu", "Add"] },
        { "fuse_skip_norm", "repeated rows", ["com.microsoft.SkipLayerNormalization"] },
        { "fuse_skip_norm", "bias", ["com.microsoft.SkipLayerNormalization"] },
        { "fuse_skip_norm", "rms", ["com.microsoft.SkipSimplifiedLayerNormalization"] },
    };

    public static TheoryData<string, string> Refusals => new()
    {
        { "half", "unlike halves" },
        { "half", "computed halves" },
        { "neighbours", "crossed" },
        { "triangle", "no first key" },
        { "triangle", "small filler" },
        { "filled", "filler of 1e4" },
        { "layer", "computed scale" },
        { "layer", "first axis" },
    };

    [Theory, MemberData(nameof(Cases))]
    public void RewritesAndComputesTheSame(string rewrite, string variant, string[] expected)
    {
        Model model = ModelFor(variant, "");
        using Session with = model.Compile(new() { Threads = 1 });
        using Session without = model.Compile(new() { Threads = 1, DisabledRewrites = [rewrite] });
        Assert.Equal(expected, Ops(with));
        Assert.True(Ops(without).Length > expected.Length);
        AssertSame(without, with);
    }

    [Theory, MemberData(nameof(Refusals))]
    public void IsLeftAloneWhereItWouldComputeSomethingElse(string variant, string change)
    {
        Model model = ModelFor(variant, change);
        using Session with = model.Compile(new() { Threads = 1 });
        using Session without = model.Compile(new() { Threads = 1, DisabledRewrites = ["fuse_rotary", "fuse_attention", "fuse_skip_norm"] });
        Assert.Equal(Ops(without), Ops(with));
    }

    [Fact]
    public void RotationsShareTheirTables()
    {
        SpecBuilder b = Tables(new SpecBuilder().Input("x", 2, 3, 4, 8).Input("z", 2, 3, 4, 8).Input("angles", 2, 4, 4), "half of each batch", "");
        using Session session = RotateHalf(RotateHalf(b, "x", "p"), "z", "q").Node("Add", "p q", "y").Build("y").Compile(new() { Threads = 1 });
        Assert.Equal(["Concat", "Unsqueeze", "Cos", "Sin", "Slice", "Squeeze", "Slice", "Squeeze", "RotaryEmbedding", "RotaryEmbedding", "Add"], Ops(session));
    }

    private static Model ModelFor(string variant, string change) => variant switch
    {
        "half" or "half of each batch" => RotateHalf(Tables(new SpecBuilder().Input("x", 2, 3, 4, 8).Input("angles", 2, 4, 4), variant, change), "x", "y").Build("y"),
        "pairs of halves" or "neighbours" or "strides" => Pairs(variant, change).Build("y"),
        "triangle" or "infinity" or "filled" => Hidden(variant, change).Build("y"),
        "one head" or "one head, position first" => OneHead(variant).Build("y"),
        "transposed back" => TransposedBack().Build("y", "back"),
        _ => Norm(variant, change),
    };

    // Cosines and sines as wide as a head.
    private static SpecBuilder Tables(SpecBuilder b, string variant, string change)
    {
        if (change == "computed halves")
            return b.Input("cos", 1, 1, 4, 8).Input("sin", 1, 1, 4, 8);
        if (variant != "half of each batch")
            return b.Constant("cos", Table(Math.Cos, change == "unlike halves"), 1, 1, 4, 8).Constant("sin", Table(Math.Sin, false), 1, 1, 4, 8);
        return b.Constant("one", [1L]).Node("Concat", "angles angles", "wide", s_last).Node("Unsqueeze", "wide one", "w").Node("Cos", "w", "cos").Node("Sin", "w", "sin");
    }

    private static float[] Table(Func<double, double> function, bool unlike) =>
        [.. Enumerable.Range(0, 32).Select(i => (float)function(i / 8 * Math.Pow(10, -(i % (unlike ? 8 : 4)))))];

    private static SpecBuilder RotateHalf(SpecBuilder b, string x, string y) => b.Constant($"{y}0", [0L]).Constant($"{y}4", [4L]).Constant($"{y}8", [long.MaxValue]).Constant($"{y}3", [3L])
        .Node("Slice", $"{x} {y}0 {y}4 {y}3", $"{y}low").Node("Slice", $"{x} {y}4 {y}8 {y}3", $"{y}high").Node("Neg", $"{y}high", $"{y}minus")
        .Node("Concat", $"{y}minus {y}low", $"{y}turned", s_last).Node("Mul", $"{x} cos", $"{y}a").Node("Mul", $"{y}turned sin", $"{y}b").Node("Add", $"{y}a {y}b", y);

    private static SpecBuilder Pairs(string variant, string change)
    {
        SpecBuilder b = new SpecBuilder().Input("x", 2, 3, 4, 8).Pattern("cos", 1, 4, 4).Pattern("sin", 2, 4, 4).Constant("pairs", [0L, 0, 0, 4, 2])
            .Constant("whole", [0L, 0, 0, 8]).Constant("end", [-1L]).Constant("0", [0L]).Constant("1", [1L]).Constant("2", [2L]).Constant("8", [8L]);
        b = variant switch
        {
            "neighbours" => b.Node("Reshape", "x pairs", "r").Node("Split", "r", "s t", s_last).Node("Squeeze", "s end", "x1").Node("Squeeze", "t end", "x2"),
            "strides" => b.Node("Slice", "x 0 8 end 2", "x1").Node("Slice", "x 1 8 end 2", "x2"),
            _ => b.Node("Split", "x", "x1 x2", s_last),
        };
        b = b.Node("Mul", "x1 cos", "a").Node("Mul", "x2 sin", "b").Node("Sub", "a b", "u").Node("Mul", "x1 sin", "c").Node("Mul", change == "crossed" ? "x2 sin" : "x2 cos", "d")
            .Node("Add", "d c", "v");
        if (variant == "pairs of halves")
            return b.Node("Concat", "u v", "y", s_last);
        return b.Node("Unsqueeze", "u end", "u1").Node("Unsqueeze", "v end", "v1").Node("Concat", "u1 v1", "w", s_last).Node("Reshape", "w whole", "y");
    }

    private static SpecBuilder Hidden(string variant, string change)
    {
        Tensor triangle = Tensor.Allocate(DType.UInt8, [1, 1, 8, 8]);
        for (int i = 0; i < 64; i++)
            triangle.AsSpan<byte>()[i] = change == "no first key" ? (byte)(i % 8 > i / 8 ? 1 : 0) : (byte)(i % 8 <= i / 8 ? 1 : 0);
        float filler = variant == "infinity" ? float.NegativeInfinity : change == "small filler" ? -100 : variant == "triangle" || change == "filler of 1e4" ? -10000 : float.MinValue;
        SpecBuilder b = new SpecBuilder().Input("q", 2, 3, 5, 8).Input("k", 2, 3, 7, 8).Input("v", 2, 3, 7, 4).Input("m", 2, 1, 5, 7).Constant("scale", [2.5f]).Constant("filler", [filler])
            .Constant("triangle", triangle).Constant("2", [2L]).Constant("7", [7L]).Constant("0", [0L]).Constant("3", [3L])
            .Constant("level", [variant == "infinity" ? -0.4f : 0f])
            .Node("Transpose", "k", "t", SpecBuilder.Ints("perm", 0, 1, 3, 2)).Node("MatMul", "q t", "s").Node("Div", "s scale", "d");
        b = variant == "triangle"
            ? b.Node("Slice", "triangle 2 7 2", "rows").Node("Slice", "rows 0 7 3", "cut").Node("Cast", "cut", "seen", Attributes.Empty.With("to", 9L)).Node("Where", "seen d filler", "a")
            : b.Node("Greater", "m level", "seen").Node("Where", variant == "filled" ? "seen filler d" : "seen d filler", "a");
        return b.Node("Softmax", "a", "p", s_last).Node("MatMul", "p v", "y");
    }

    private static SpecBuilder OneHead(string variant)
    {
        SpecBuilder b = new SpecBuilder().Input("q", 2, 5, 8).Input("v", 2, 7, 4).Pattern("mask", 3, 5, 7).Constant("scale", [2.5f]);
        b = variant == "one head" ? b.Input("k", 2, 7, 8).Node("Transpose", "k", "t", SpecBuilder.Ints("perm", 0, 2, 1))
            : b.Input("k", 7, 2, 8).Node("Transpose", "k", "t", SpecBuilder.Ints("perm", 1, 2, 0));
        return b.Node("Div", "q scale", "d").Node("MatMul", "d t", "s").Node("Add", "s mask", "a").Node("Softmax", "a", "p", s_last).Node("MatMul", "p v", "y");
    }

    private static SpecBuilder TransposedBack() => new SpecBuilder().Input("q", 2, 3, 5, 8).Input("t", 2, 3, 8, 7).Input("v", 2, 3, 7, 4)
        .Node("Transpose", "t", "back", SpecBuilder.Ints("perm", 0, 1, 3, 2)).Node("MatMul", "q t", "s").Node("Softmax", "s", "p", s_last).Node("MatMul", "p v", "y");

    private static Model Norm(string variant, string change)
    {
        SpecBuilder b = new SpecBuilder { Opset = 23 }.Input("x", 2, 3, 8).Input("r", 2, 3, 8).Input("rows", 3, 8).Input("g", change == "first axis" ? 3 : 1, 8).Pattern("scale", 1, 8).Pattern("bias", 2, 8)
            .Pattern("wide", 1, 3, 8);
        Attributes axis = change == "first axis" ? Attributes.Empty.With("axis", 1L) : s_last;
        return variant switch
        {
            "sum read" => b.Node("Add", "x r", "s").Node("Relu", "s", "u").Node("LayerNormalization", "s scale bias", "n", s_last).Node("Add", "n u", "y").Build("y"),
            "repeated rows" => b.Node("Add", "rows x", "s").Node("LayerNormalization", "s scale bias", "y", s_last).Build("y"),
            "bias" => b.Node("Add", "x bias", "t").Node("Add", "r t", "s").Node("LayerNormalization", "s scale bias", "y", s_last).Build("y"),
            "rms" => b.Node("Add", "x r", "s").Node("RMSNormalization", "s scale", "y", s_last.With("epsilon", 1e-3f)).Build("y"),
            _ when change == "computed scale" => b.Constant("flat", [8L]).Node("Reshape", "g flat", "h").Node("Add", "x r", "s").Node("LayerNormalization", "s h", "y", s_last).Build("y"),
            _ => b.Node("Add", "x r", "s").Node("LayerNormalization", change == "first axis" ? "s wide" : "s scale bias", "y", axis).Build("y"),
        };
    }

    private static string[] Ops(Session session) => [.. session.Graph.Nodes.Select(n => n.QualifiedOp)];

    private static void AssertSame(Session expected, Session actual)
    {
        ImmutableArray<float> a = Run(expected), b = Run(actual);
        Assert.Equal(a.Length, b.Length);
        float largest = a.Max(Math.Abs);
        Assert.True(largest > 0);
        for (int i = 0; i < a.Length; i++)
            Assert.True(Math.Abs(a[i] - b[i]) <= 1e-5f * Math.Max(1, largest), $"element {i}: {a[i]} became {b[i]}");
    }

    private static ImmutableArray<float> Run(Session session)
    {
        var inputs = session.Inputs.Select((v, i) => (v.Name, (Value)Networks.Input(i, v.Tensor!.KnownShape.AsSpan()))).ToArray();
        using Outputs outputs = session.Run(inputs);
        return [.. outputs[0].AsSpan<float>()];
    }
}
