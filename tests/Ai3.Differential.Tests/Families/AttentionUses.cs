using Ai3.Tensors;
using static Ai3.Differential.Tests.Content;

namespace Ai3.Differential.Tests;

/// <summary>Attention and the fused forms that transformers are exported with.</summary>
internal static class AttentionUses
{
    private const string Microsoft = "com.microsoft";

    // A softmax of sums of products, then a mean of values below 2.
    private static readonly Tolerance s_attention = Tolerance.By(static use => Elements.RoundOff(use.Tensor(0).Type) * (64 + 16 * use.Tensor(0).Shape[^1] + 4 * use.Tensor(1).Shape.Max()));

    private static readonly Tolerance s_rows = Tolerance.By(static use => Elements.RoundOff(use.Tensor(0).Type) * (40 + use.Tensor(0).Shape[^1]) * 400);

    public static IEnumerable<OperatorUses> All =>
    [
        new("Attention", s_attention, Attention, Since: 23),
        new("RotaryEmbedding", Tolerance.Roundings(8, 16), Rotary, Since: 23),
        Contributed("FastGelu", FastGelu, Tolerance.Roundings(16, 32)),
        Contributed("BiasGelu", BiasGelu, Tolerance.Roundings(16, 32)),
        Contributed("QuickGelu", u => u.Maybe("alpha", () => u.Draw.Pick(1.0, 1.702)).In(u.Data(DType.Float32, u.Draw.Shape())), Tolerance.Roundings(32, 32)),
        Contributed("FusedMatMul", FusedMatMul, Tolerance.Sum(static use => use.Tensor(0).Count)),
        Contributed("SkipLayerNormalization", u => SkipNorm(u, hasBeta: true), s_rows),
        Contributed("SkipSimplifiedLayerNormalization", u => SkipNorm(u, hasBeta: false), s_rows),
        Contributed("Gelu", u => u.In(u.Data(DType.Float32, u.Draw.Shape())), Tolerance.Roundings(16, 32)),
        Contributed("RotaryEmbedding", ContributedRotary, Tolerance.Roundings(8, 16)),
        Contributed("FusedGemm", FusedGemm, Tolerance.Sum(static use => use.Tensor(0).Count)),
        Contributed("Attention", Projected, s_attention),
        Contributed("EmbedLayerNormalization", Embed, Tolerance.By(static use => Elements.RoundOff(DType.Float32) * 40_000)),
        Contributed("GroupQueryAttention", GroupQuery, s_attention),
        new("SimplifiedLayerNormalization", s_rows, SimplifiedNorm),
        Contributed("MultiHeadAttention", MultiHead, s_attention),
    ];

    private static OperatorUses Contributed(string name, Action<UseBuilder> generate, Tolerance tolerance) => new(name, tolerance, generate, 1, 1, Microsoft);

    private static void Attention(UseBuilder u)
    {
        long batch = u.Draw.Between(1, 2), heads = u.Draw.Pick(1, 2, 4), groups = heads / u.Draw.Pick(1, 1, (int)heads), s = u.Draw.Dim(12), t = u.Draw.Dim(12), d = u.Draw.Between(1, 20), dv = u.Draw.Between(1, 20);
        DType type = u.Draw.Pick(DType.Float32, DType.Float32, DType.Float16);
        u.Flag("is_causal").Maybe("scale", () => u.Draw.Pick(0.5, 0.1)).Maybe("softcap", () => 2.0);
        bool flat = u.Draw.OnceIn(3);
        if (flat)
            u.With("q_num_heads", heads).With("kv_num_heads", groups);
        u.In(u.Data(type, flat ? [batch, s, heads * d] : [batch, heads, s, d])).In(u.Data(type, flat ? [batch, t, groups * d] : [batch, groups, t, d]))
            .In(u.Data(type, flat ? [batch, t, groups * dv] : [batch, groups, t, dv]));
        if (u.Draw.OnceIn(2))
            u.In(u.Data(type, u.Draw.Pick<long[]>([s, t], [1, 1, s, t], [batch, heads, s, t])));
    }

    private static void Rotary(UseBuilder u)
    {
        long batch = u.Draw.Between(1, 2), heads = u.Draw.Between(1, 3), s = u.Draw.Dim(9), d = 2 * u.Draw.Between(1, 12), longest = s + 3;
        u.Flag("interleaved");
        bool flat = u.Draw.OnceIn(3), positions = u.Draw.OnceIn(2);
        if (flat)
            u.With("num_heads", heads);
        u.In(u.Data(DType.Float32, flat ? [batch, s, heads * d] : [batch, heads, s, d]));
        long[] cache = positions ? [longest, d / 2] : [batch, s, d / 2];
        u.In(u.Data(DType.Float32, cache, Unit)).In(u.Data(DType.Float32, cache, Unit));
        if (positions)
            u.In(u.Indices(DType.Int64, [batch, s], longest, negative: false));
    }

    private static void FastGelu(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1);
        u.In(u.Data(DType.Float32, shape));
        if (u.Draw.OnceIn(2))
            u.Const(u.Data(DType.Float32, shape[^1..]));
    }

    private static void BiasGelu(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1);
        u.In(u.Data(DType.Float32, shape)).Const(u.Data(DType.Float32, shape[^1..]));
    }

    private static void FusedMatMul(UseBuilder u)
    {
        long m = u.Draw.Dim(20), k = u.Draw.Dim(20), n = u.Draw.Dim(20);
        long[] batch = u.Draw.OnceIn(2) ? [u.Draw.Dim(3)] : [];
        u.Flag("transA").Flag("transB").Maybe("alpha", () => u.Draw.Pick(0.5, 0.125));
        u.In(u.Data(DType.Float32, u.Attributes.Flag("transA") ? [.. batch, k, m] : [.. batch, m, k], Small, Whole));
        u.In(u.Data(DType.Float32, u.Attributes.Flag("transB") ? [.. batch, n, k] : [.. batch, k, n], Small, Whole));
    }

    private static void SkipNorm(UseBuilder u, bool hasBeta)
    {
        long[] shape = [u.Draw.Between(1, 2), u.Draw.Dim(9), u.Draw.Between(2, 40)];
        u.With("epsilon", 0.01).In(u.Data(DType.Float32, shape)).In(u.Data(DType.Float32, shape)).Const(u.Data(DType.Float32, shape[^1..], Positive));
        if (hasBeta)
        {
            if (u.Draw.OnceIn(2))
                u.Const(u.Data(DType.Float32, shape[^1..]));
            else
                u.Skip();
        }
        if (u.Draw.OnceIn(2))
            u.Const(u.Data(DType.Float32, shape[^1..]));
    }

    private static void SimplifiedNorm(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1, zero: false);
        u.With("axis", -1).With("epsilon", 0.01).In(u.Data(DType.Float32, shape)).Const(u.Data(DType.Float32, shape[^1..], Positive));
    }

    private static void MultiHead(UseBuilder u)
    {
        long batch = u.Draw.Between(1, 2), heads = u.Draw.Between(1, 4), s = u.Draw.Dim(12), t = u.Draw.Dim(12), d = u.Draw.Between(1, 16);
        u.With("num_heads", heads).Maybe("scale", () => 0.25).Maybe("unidirectional", () => s == t ? u.Draw.Below(2) : 0);
        u.In(u.Data(DType.Float32, [batch, s, heads * d])).In(u.Data(DType.Float32, [batch, t, heads * d])).In(u.Data(DType.Float32, [batch, t, heads * d]));
        if (u.Draw.OnceIn(3))
            u.Const(u.Data(DType.Float32, [3 * heads * d]));
    }

    private static void ContributedRotary(UseBuilder u)
    {
        long batch = u.Draw.Between(1, 2), heads = u.Draw.Between(1, 3), s = u.Draw.Dim(9), d = 2 * u.Draw.Between(1, 12), longest = s + 3;
        u.Flag("interleaved").In(u.Data(DType.Float32, [batch, heads, s, d]));
        u.In(u.Draw.OnceIn(2) ? Elements.Of(DType.Int64, [1], 1) : u.Indices(DType.Int64, [batch, s], longest, negative: false));
        u.In(u.Data(DType.Float32, [longest, d / 2], Unit)).In(u.Data(DType.Float32, [longest, d / 2], Unit));
    }

    private static void FusedGemm(UseBuilder u)
    {
        long m = u.Draw.Dim(20), k = u.Draw.Dim(20), n = u.Draw.Dim(20);
        u.With("activation", u.Draw.Pick("Relu", "LeakyRelu")).With("activation_alpha", 0.01).Flag("transB").Maybe("alpha", () => 0.5);
        u.In(u.Data(DType.Float32, [m, k], Small, Whole)).Const(u.Data(DType.Float32, u.Attributes.Flag("transB") ? [n, k] : [k, n], Small, Whole));
        if (u.Draw.OnceIn(2))
            u.Const(u.Data(DType.Float32, [n]));
    }

    private static void Projected(UseBuilder u)
    {
        long batch = u.Draw.Between(1, 2), heads = u.Draw.Between(1, 3), s = u.Draw.Dim(9), d = u.Draw.Between(1, 8), input = u.Draw.Between(1, 12);
        u.With("num_heads", heads).Maybe("unidirectional", () => u.Draw.Below(2)).Maybe("scale", () => 0.25);
        u.In(u.Data(DType.Float32, [batch, s, input], Unit)).Const(u.Data(DType.Float32, [input, 3 * heads * d], Unit)).Const(u.Data(DType.Float32, [3 * heads * d], Unit));
    }

    private static void Embed(UseBuilder u)
    {
        long batch = u.Draw.Between(1, 2), s = u.Draw.Dim(9), n = u.Draw.Between(2, 20), words = u.Draw.Dim(9);
        u.With("epsilon", 0.01).Outputs(2).In(u.Indices(DType.Int32, [batch, s], words, negative: false)).In(u.Indices(DType.Int32, [batch, s], 2, negative: false));
        u.Const(u.Data(DType.Float32, [words, n])).Const(u.Data(DType.Float32, [s + 2, n])).Const(u.Data(DType.Float32, [2, n])).Const(u.Data(DType.Float32, [n], Positive)).Const(u.Data(DType.Float32, [n]));
        if (u.Draw.OnceIn(2))
            u.In(Elements.Of(DType.Int32, [batch, s], [.. Enumerable.Repeat(1.0, (int)(batch * s))]));
    }

    // The prompt of a decoder: nothing in the cache yet.
    private static void GroupQuery(UseBuilder u)
    {
        long batch = u.Draw.Between(1, 2), groups = u.Draw.Between(1, 2), heads = groups * u.Draw.Between(1, 2), s = u.Draw.Dim(9), d = 8 * u.Draw.Between(1, 2);
        u.With("num_heads", heads).With("kv_num_heads", groups).Maybe("scale", () => 0.25).Outputs(3);
        u.In(u.Data(DType.Float32, [batch, s, heads * d])).In(u.Data(DType.Float32, [batch, s, groups * d])).In(u.Data(DType.Float32, [batch, s, groups * d]));
        u.In(Tensor.Zeros(DType.Float32, [batch, groups, 0, d])).In(Tensor.Zeros(DType.Float32, [batch, groups, 0, d]));
        u.In(Elements.Of(DType.Int32, [batch], [.. Enumerable.Repeat((double)(s - 1), (int)batch)])).Const(Elements.Of(DType.Int32, [], s));
    }
}
