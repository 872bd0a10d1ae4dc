using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>com.microsoft MultiHeadAttention: separate, half packed or packed operands; caches that grow by the new keys.</summary>
internal sealed class MultiHeadAttentionOp() : AttentionOp
{
    protected override AttentionForm Form => AttentionForm.MultiHead;

    private sealed record Dims(DType Type, Dim Batch, Dim Queries, Dim Size, Dim NewKeys, Dim ValueSize, Dim Past, int Heads);

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        if (Read(node) is not { } d)
        {
            var unknown = new TensorFact(node.Tensor(0).Type, null);
            return [unknown, unknown, unknown, unknown];
        }
        Dim total = d.Past + d.NewKeys;
        return
        [
            new TensorFact(d.Type, [d.Batch, d.Queries, d.ValueSize * d.Heads]), new TensorFact(d.Type, [d.Batch, d.Heads, total, d.Size]),
            new TensorFact(d.Type, [d.Batch, d.Heads, total, d.ValueSize]), new TensorFact(d.Type, [d.Batch, d.Heads, d.Queries, total]),
        ];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        Dims d = Read(node)!;
        return Start(node, d.Heads, d.Heads, d.Size.Value) with
        {
            Causal = node.Attributes.Flag("unidirectional"),
            MaskFilter = node.Attributes.Float("mask_filter_value", -10000),
            Scores = AttentionScores.Biased,
        };
    }

    private static Dims? Read(NodeFacts node)
    {
        DType type = FloatType(node, 0, 1, 2, 3, 5, 6, 7);
        if (node.Has(8) || node.Has(9))
            throw new OpUnsupportedException("past_sequence_length and cache_indirection (shared buffers, beam search) are not supported");
        Together(node, 6, 7);
        Type(node, 4, DType.Int32);
        int heads = Heads(node, "num_heads");
        if (node.Tensor(0).Shape is not { } q || node.OptionalTensor(1) is { Shape: null } || node.OptionalTensor(2) is { Shape: null })
            return null;
        Rank(node, 0, q, 3, 5);
        Dim batch = q[0], queries = q[1], keys, size, valueSize;
        if (q.Rank == 5)
        {
            if (node.Has(1) || node.Has(2))
                throw new OpException("query is packed, so key and value must be absent");
            Same(0, "heads", q[2], heads);
            Same(0, "parts", q[3], 3);
            (keys, size, valueSize) = (queries, q[4], q[4]);
        }
        else
        {
            size = PerHead(0, q[2], heads);
            SymbolicShape k = Rank(node, 1, node.Tensor(1).Shape!, 3, 4, 5);
            Same(1, "batch", k[0], batch);
            if (k.Rank == 5)
            {
                if (node.Has(2))
                    throw new OpException("key and value are packed, so value must be absent");
                Same(1, "heads", k[2], heads);
                Same(1, "parts", k[3], 2);
                Same(1, "size", k[4], size);
                (keys, valueSize) = (k[1], size);
            }
            else
            {
                SymbolicShape v = Rank(node, 2, node.Tensor(2).Shape!, k.Rank);
                Same(2, "batch", v[0], batch);
                keys = k.Rank == 4 ? k[2] : k[1];
                Same(2, "length", k.Rank == 4 ? v[2] : v[1], keys);
                if (k.Rank == 4)
                {
                    Same(1, "heads", k[1], heads);
                    Same(2, "heads", v[1], heads);
                }
                Same(1, "size", k.Rank == 4 ? k[3] : PerHead(1, k[2], heads), size);
                valueSize = k.Rank == 4 ? v[3] : PerHead(2, v[2], heads);
            }
        }
        Dim past = Past(node, 6, batch, heads, size);
        Same(7, "length", Past(node, 7, batch, heads, valueSize), past);
        Vector(node, 3, (size + size + valueSize) * heads);
        CheckMask(node, batch, queries, past + keys);
        ScoreBias(node, 5, batch, heads, queries, past + keys);
        return new Dims(type, batch, queries, size, keys, valueSize, past, heads);
    }

    private static void CheckMask(NodeFacts node, Dim batch, Dim queries, Dim keys)
    {
        if (node.OptionalTensor(4)?.Shape is not { } mask)
            return;
        Rank(node, 4, mask, 1, 2, 3);
        if (mask.Rank == 1 && mask[0].TryGetValue(out long length) && batch.TryGetValue(out long n) && length != n && length != 3 * n + 2)
            throw new OpException($"key_padding_mask has shape {mask}, must be [{n}] or [{3 * n + 2}]");
        if (mask.Rank == 1)
            return;
        Same(4, "batch", mask[0], batch);
        if (mask.Rank == 3)
            Same(4, "queries", mask[1], queries);
        Same(4, "keys", mask[^1], keys);
    }
}
