using Ai3.Ops;

namespace Ai3.Runtime;

/// <summary>
/// Attention between nodes that split [batch, position, width] into heads and join them again: the operator reads and writes heads
/// side by side itself, so reshapes and transpositions go.
/// </summary>
internal sealed class FuseAttentionHeads : IRewrite
{
    public string Name => "fuse_attention_heads";

    public bool Apply(RewriteContext context)
    {
        bool changed = false;
        foreach (Node attention in context.NodesOf("Attention"))
            changed |= Fuse(context, attention);
        return changed;
    }

    private static bool Fuse(RewriteContext context, Node attention)
    {
        if (attention.Inputs.Count > 4 || attention.Attributes.Has("q_num_heads") || attention.Outputs[0]?.Tensor?.Shape is not { Rank: 4 } y || !y[1].IsKnown)
            return false;
        if (context.OnlyReader(attention, "Transpose") is not { } transpose || !SwapsHeads(transpose) || context.OnlyReader(transpose, "Reshape") is not { } joining)
            return false;
        if (joining.Outputs[0]?.Tensor?.Shape is not { Rank: 3 } joined || joined[0] != y[0] || joined[1] != y[2] || joined[2] != y[1] * y[3])
            return false;
        if (Whole(attention.Inputs[0]) is not { } q || Whole(attention.Inputs[1]) is not { } k || Whole(attention.Inputs[2]) is not { } v
            || attention.Inputs[1]!.Tensor!.Shape![1] is not { IsKnown: true } kvHeads)
            return false;
        Attributes attributes = attention.Attributes.With("q_num_heads", y[1].Value).With("kv_num_heads", kvHeads.Value);
        GraphValue?[] inputs = attention.Inputs.Count > 3 ? [q, k, v, attention.Inputs[3]] : [q, k, v];
        // With nobody left to read them, the old nodes go with the dead ones.
        context.Patch.Replace(joining, "", "Attention", attention.Opset, attributes, inputs, [attention, transpose, joining]);
        return true;
    }

    private static bool SwapsHeads(Node transpose) => transpose.Attributes.Ints("perm") is { IsDefault: false } order && order.AsSpan().SequenceEqual([0L, 2, 1, 3]);

    // [batch, position, heads * size] behind [batch, head, position, size].
    private static GraphValue? Whole(GraphValue? heads)
    {
        if (heads?.Tensor?.Shape is not { Rank: 4 } shape || Pattern.Made(heads, "Transpose") is not { } transpose || !SwapsHeads(transpose))
            return null;
        return Pattern.Made(transpose.Inputs[0], "Reshape") is { Inputs: [{ Tensor.Shape: { Rank: 3 } width } x, ..] }
            && width[0] == shape[0] && width[1] == shape[2] && width[2] == shape[1] * shape[3] ? x : null;
    }
}
