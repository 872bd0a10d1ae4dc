using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>com.microsoft Attention: projects its input to queries, keys and values first; past and present hold keys, then values.</summary>
internal sealed class ProjectedAttentionOp() : AttentionOp
{
    protected override AttentionForm Form => AttentionForm.Projected;

    private sealed record Dims(DType Type, Dim Batch, Dim Length, Dim Past, int Heads, ImmutableArray<long> Sizes);

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        if (Read(node) is not { } d)
            return [new TensorFact(node.Tensor(0).Type, null), new TensorFact(node.Tensor(0).Type, null)];
        return
        [
            new TensorFact(d.Type, [d.Batch, d.Length, d.Sizes[2]]),
            new TensorFact(d.Type, [2, d.Batch, d.Heads, d.Past + d.Length, d.Sizes[1] / d.Heads]),
        ];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        Dims d = Read(node)!;
        return Start(node, d.Heads, d.Heads, d.Sizes[0] / d.Heads) with
        {
            Causal = node.Attributes.Flag("unidirectional"),
            MaskFilter = node.Attributes.Float("mask_filter_value", -10000),
            HiddenSizes = d.Sizes,
        };
    }

    private static Dims? Read(NodeFacts node)
    {
        DType type = FloatType(node, 0, 1, 2, 4, 5);
        if (node.Attributes.Flag("do_rotary"))
            throw new OpUnsupportedException("do_rotary is not supported; RotaryEmbedding and GroupQueryAttention are");
        if (node.Attributes.Flag("past_present_share_buffer") || node.Has(6))
            throw new OpUnsupportedException("past and present in one buffer are not supported");
        Type(node, 3, DType.Int32);
        int heads = Heads(node, "num_heads");
        if (node.Tensor(0).Shape is not { } x || node.Tensor(1).Shape is not { } weights)
            return null;
        Rank(node, 0, x, 3);
        Rank(node, 1, weights, 2);
        Same(1, "rows", weights[0], x[2]);
        if (!weights[1].TryGetValue(out long all))
            return null;
        ImmutableArray<long> sizes = Sizes(node, heads, all);
        Vector(node, 2, all);
        Dim past = 0;
        if (node.OptionalTensor(4) is { } cache)
        {
            if (sizes[1] != sizes[2])
                throw new OpException("past is given, so keys and values must have the same width");
            past = cache.Shape is null ? node.Fresh() : Rank(node, 4, cache.Shape, 5)[3];
            if (cache.Shape is { } p)
            {
                Same(4, "parts", p[0], 2);
                Same(4, "batch", p[1], x[0]);
                Same(4, "heads", p[2], heads);
                Same(4, "size", p[4], sizes[1] / heads);
            }
        }
        else if (node.OutputCount > 1 && sizes[1] != sizes[2])
            throw new OpException("present is asked for, so keys and values must have the same width");
        CheckMask(node, x[0], x[1], past);
        ScoreBias(node, 5, x[0], heads, x[1], past + x[1]);
        return new Dims(type, x[0], x[1], past, heads, sizes);
    }

    private static ImmutableArray<long> Sizes(NodeFacts node, int heads, long all)
    {
        ImmutableArray<long> sizes = node.Attributes.Ints("qkv_hidden_sizes");
        if (sizes.IsDefaultOrEmpty)
            sizes = [all / 3, all / 3, all / 3];
        if (sizes.Length != 3 || sizes.Any(s => s < 1 || s > all || s % heads != 0) || sizes[0] != sizes[1] || sizes[0] + sizes[1] + sizes[2] != all)
            throw new OpException($"widths of Q, K and V are [{string.Join(",", sizes)}], must be three multiples of {heads} heads that add up to {all}, the first two equal");
        return sizes;
    }

    private static void CheckMask(NodeFacts node, Dim batch, Dim length, Dim past)
    {
        if (node.OptionalTensor(3)?.Shape is not { } mask)
            return;
        Rank(node, 3, mask, 1, 2, 3, 4);
        if (mask.Rank == 1)
        {
            if (mask[0].TryGetValue(out long given) && batch.TryGetValue(out long n) && given != n && given != 2 * n && given != 3 * n + 2)
                throw new OpException($"mask_index has shape {mask}, must be [{n}], [{2 * n}] or [{3 * n + 2}]");
            return;
        }
        Same(3, "batch", mask[0], batch);
        Dim keys = past + length;
        if (mask.Rank < 4)
        {
            if (mask.Rank == 3)
                Same(3, "queries", mask[1], length);
            Same(3, "keys", mask[^1], keys);
            return;
        }
        Same(3, "heads", mask[1], 1);
        if (mask[2].TryGetValue(out long rows) && mask[3].TryGetValue(out long columns) && keys.TryGetValue(out long total) && (rows < total || columns < total))
            throw new OpException($"mask_index has shape {mask}, must have at least {total} rows and columns");
    }
}
