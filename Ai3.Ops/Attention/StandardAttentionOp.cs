using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>ai.onnx Attention, opsets 23 and later: [batch, heads, position, size] or [batch, position, heads * size].</summary>
internal sealed class StandardAttentionOp() : AttentionOp
{
    protected override AttentionForm Form => AttentionForm.Standard;

    private sealed record Dims(DType Type, Dim Batch, Dim Queries, Dim Size, Dim NewKeys, Dim ValueSize, Dim Past, int Heads, int KvHeads, bool Outside);

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        if (Read(node) is not { } d)
        {
            var unknown = new TensorFact(node.Tensor(0).Type, null);
            return [unknown, unknown, unknown, unknown];
        }
        Dim total = d.Past + d.NewKeys;
        SymbolicShape y = d.Outside ? [d.Batch, d.Heads, d.Queries, d.ValueSize] : [d.Batch, d.Queries, d.ValueSize * d.Heads];
        return
        [
            new TensorFact(d.Type, y), new TensorFact(d.Type, [d.Batch, d.KvHeads, total, d.Size]),
            new TensorFact(d.Type, [d.Batch, d.KvHeads, total, d.ValueSize]), new TensorFact(d.Type, [d.Batch, d.Heads, d.Queries, total]),
        ];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        Dims d = Read(node)!;
        return Start(node, d.Heads, d.KvHeads, d.Size.Value) with
        {
            Scale = node.Attributes.Has("scale") ? node.Attributes.Float("scale", 1) : (float)(1 / Math.Sqrt(Math.Max(1, d.Size.Value))),
            Softcap = Softcap(node),
            Causal = node.Attributes.Flag("is_causal"),
            Left = Window(node, "left_window_size"),
            Right = Window(node, "right_window_size"),
            Scores = Scores(node),
        };
    }

    private static Dims? Read(NodeFacts node)
    {
        DType type = FloatType(node, 0, 1, 2, 4, 5);
        Together(node, 4, 5);
        Type(node, 6, DType.Int64);
        if (node.Has(6) && node.Has(4))
            throw new OpException("nonpad_kv_seqlen and past_key are both given, must be one of them at most");
        Softcap(node);
        Scores(node);
        Window(node, "left_window_size");
        Window(node, "right_window_size");
        if (node.OptionalTensor(3)?.Type is { } mask && mask != DType.Undefined && !ElementAccess.CanReadAsDouble(mask))
            throw new OpException($"attn_mask is {mask.ShortName()}, must be bool or a number");
        long precision = node.Attributes.Int("softmax_precision", 1);
        if (precision is not (1 or 10 or 11 or 16))
            throw new OpException($"attribute softmax_precision is {precision}, must be 1, 10, 11 or 16");
        if (node.Tensor(0).Shape is not { } q || node.Tensor(1).Shape is not { } k || node.Tensor(2).Shape is not { } v)
            return null;
        Rank(node, 0, q, 3, 4);
        Rank(node, 1, k, q.Rank);
        Rank(node, 2, v, q.Rank);
        bool outside = q.Rank == 4;
        if (outside && !(q[1].IsKnown && k[1].IsKnown))
            return null;
        int heads = outside ? Checked(0, q[1].Value) : Heads(node, "q_num_heads"), kvHeads = outside ? Checked(1, k[1].Value) : Heads(node, "kv_num_heads");
        if (heads % kvHeads != 0)
            throw new OpException($"{heads} query heads are no multiple of {kvHeads} key heads");
        Dim size = outside ? q[3] : PerHead(0, q[2], heads), valueSize = outside ? v[3] : PerHead(2, v[2], kvHeads);
        Same(1, "size", outside ? k[3] : PerHead(1, k[2], kvHeads), size);
        Same(1, "batch", k[0], q[0]);
        Same(2, "batch", v[0], q[0]);
        if (outside)
            Same(2, "heads", v[1], kvHeads);
        Dim keys = k[^2], queries = q[^2];
        if (!outside)
            (keys, queries) = (k[1], q[1]);
        Same(2, "length", outside ? v[2] : v[1], keys);
        Dim past = Past(node, 4, q[0], kvHeads, size);
        Same(5, "length", Past(node, 5, q[0], kvHeads, valueSize), past);
        Vector(node, 6, q[0]);
        CheckMask(node, q[0], heads, queries, past + keys);
        return new Dims(type, q[0], queries, size, keys, valueSize, past, heads, kvHeads, outside);
    }

    private static void CheckMask(NodeFacts node, Dim batch, int heads, Dim queries, Dim keys)
    {
        if (node.OptionalTensor(3)?.Shape is not { } mask)
            return;
        if (mask.Rank > 4)
            throw new OpException($"attn_mask has shape {mask}, must have at most 4 dimensions");
        ReadOnlySpan<Dim> full = [batch, heads, queries, keys];
        for (int a = 1; a <= mask.Rank; a++)
        {
            bool fits = !mask[^a].IsKnown || !full[^a].IsKnown || mask[^a] == full[^a] || (a == 1 ? mask[^a].Value < full[^a].Value : mask[^a].Is(1));
            if (!fits)
                throw new OpException($"attn_mask has shape {mask}, must broadcast to [{batch},{heads},{queries},{keys}]");
        }
    }

    private static int Checked(int input, long heads) =>
        heads is >= 1 and <= int.MaxValue ? (int)heads : throw new OpException($"input {input} has {heads} heads, must be at least 1");

    private static AttentionScores Scores(NodeFacts node)
    {
        long mode = node.Attributes.Int("qk_matmul_output_mode", 0);
        return mode is >= 0 and <= 3 ? (AttentionScores)mode : throw new OpException($"attribute qk_matmul_output_mode is {mode}, must be 0 to 3");
    }
}
