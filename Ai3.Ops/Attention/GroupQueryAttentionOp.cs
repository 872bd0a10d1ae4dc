using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>com.microsoft GroupQueryAttention: grouped heads over a cache of keys and values, rotated by position on the way in.</summary>
internal sealed class GroupQueryAttentionOp() : AttentionOp
{
    protected override AttentionForm Form => AttentionForm.GroupQuery;

    private sealed record Dims(DType Type, Dim Batch, Dim Queries, Dim Size, Dim Past, Dim Total, int Heads, int KvHeads);

    // The rows of the present are as many as the past has room for, or the keys there are.
    public override bool ReadsValues(NodeFacts node, int index) => index == 6;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        if (Read(node) is not { } d)
        {
            var unknown = new TensorFact(node.Tensor(0).Type, null);
            return [unknown, unknown, unknown, unknown];
        }
        Dim rows = d.Past.IsKnown && d.Total.IsKnown ? Math.Max(d.Past.Value, d.Total.Value) : d.Past.Is(0) ? d.Total : node.Fresh();
        var cache = new TensorFact(d.Type, [d.Batch, d.KvHeads, rows, d.Size]);
        return [new TensorFact(d.Type, [d.Batch, d.Queries, d.Size * d.Heads]), cache, cache, new TensorFact(d.Type, [d.Batch, d.Heads, d.Queries, d.Total])];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        Dims d = Read(node)!;
        long window = Window(node, "local_window_size");
        return Start(node, d.Heads, d.KvHeads, d.Size.Value) with
        {
            Softcap = Softcap(node),
            Causal = node.Attributes.Flag("causal", true),
            Left = window > 0 ? window - 1 : -1,
            Scores = node.Attributes.Int("qk_output", 0) == 2 ? AttentionScores.Normalized : AttentionScores.Biased,
            TotalLength = d.Total.Value,
            Rotary = node.Attributes.Flag("do_rotary"),
            Interleaved = node.Attributes.Flag("rotary_interleaved"),
            SmoothSoftmax = node.Attributes.Flag("smooth_softmax"),
        };
    }

    private static Dims? Read(NodeFacts node)
    {
        DType type = FloatType(node, 0, 1, 2, 7, 8, 10, 11);
        if (node.Attributes.Flag("sliding_window_cache"))
            throw new OpUnsupportedException("a cache of the window's size (sliding_window_cache) is not supported");
        if (node.Has(12) || node.Has(13) || node.OptionalTensor(3) is { Type: var cache } && cache != DType.Undefined && type != DType.Undefined && cache != type)
            throw new OpUnsupportedException("quantised caches are not supported");
        if (node.Has(14) || node.Has(15))
            throw new OpUnsupportedException("normalisation of queries and keys inside the operator is not supported");
        node.SameType(0, 3, 4);
        Together(node, 3, 4);
        Together(node, 1, 2);
        Type(node, 5, DType.Int32);
        Type(node, 6, DType.Int32);
        Type(node, 9, DType.Int64);
        Softcap(node);
        Window(node, "local_window_size");
        int heads = Heads(node, "num_heads"), kvHeads = Heads(node, "kv_num_heads");
        if (heads % kvHeads != 0)
            throw new OpException($"{heads} query heads are no multiple of {kvHeads} key heads");
        bool rotates = node.Attributes.Flag("do_rotary");
        if (rotates && !(node.Has(7) && node.Has(8)))
            throw new OpException("do_rotary is 1, so cos_cache and sin_cache must be given");
        if (node.Tensor(0).Shape is not { } q || node.OptionalTensor(1) is { Shape: null } || node.OptionalTensor(2) is { Shape: null } || rotates && node.Tensor(7).Shape is null)
            return null;
        Rank(node, 0, q, 3);
        Dim batch = q[0], queries = q[1], size;
        if (node.Has(1))
        {
            size = PerHead(0, q[2], heads);
            for (int i = 1; i <= 2; i++)
            {
                SymbolicShape shape = Rank(node, i, node.Tensor(i).Shape!, 3);
                Same(i, "batch", shape[0], batch);
                Same(i, "length", shape[1], queries);
                Same(i, "size", PerHead(i, shape[2], kvHeads), size);
            }
        }
        else
            size = PerHead(0, q[2], checked(heads + 2 * kvHeads));
        Dim past = Past(node, 3, batch, kvHeads, size);
        Same(4, "length", Past(node, 4, batch, kvHeads, size), past);
        if (node.Tensor(5).Shape is { } lengths)
            Same(5, "elements", lengths.CountOf(..), batch);
        Dim total = Total(node);
        if (total.TryGetValue(out long all) && queries.TryGetValue(out long fresh) && all < fresh)
            throw new OpException($"total_sequence_length is {all}, must be at least the {fresh} new positions");
        if (total.TryGetValue(out all) && queries.TryGetValue(out fresh) && past.TryGetValue(out long held) && all > fresh && all - fresh > held)
            throw new OpException($"total_sequence_length is {all}, must be at most the {held} past and {fresh} new positions");
        if (rotates)
            CheckRotation(node, batch, queries, size);
        ScoreBias(node, 10, batch, heads, queries, total);
        Vector(node, 11, heads);
        return new Dims(type, batch, queries, size, past, total, heads, kvHeads);
    }

    private static Dim Total(NodeFacts node)
    {
        if (node.Tensor(6).Shape is { } shape && shape.TryGetShape(out Shape known) && known.Count != 1)
            throw new OpException($"total_sequence_length has shape {shape}, must be a scalar");
        ImmutableArray<Dim> elements = node.Elements(6);
        if (elements.IsDefault || elements.Length != 1)
            return node.Fresh();
        return elements[0].TryGetValue(out long total) && total < 0 ? throw new OpException($"total_sequence_length is {total}, must not be negative") : elements[0];
    }

    private static void CheckRotation(NodeFacts node, Dim batch, Dim queries, Dim size)
    {
        SymbolicShape cos = Rank(node, 7, node.Tensor(7).Shape!, 2);
        if (cos[0].Is(0))
            throw new OpException("cos_cache has no rows");
        if (cos[1].TryGetValue(out long half) && size.TryGetValue(out long width) && 2 * half > width)
            throw new OpException($"cos_cache has {half} columns, must be at most half of the head size {width}");
        if (node.Tensor(8).Shape is { } sin && sin.TryGetShape(out Shape s) && cos.TryGetShape(out Shape c) && s != c)
            throw new OpException($"sin_cache has shape {s}, must be {c} like cos_cache");
        if (node.OptionalTensor(9)?.Shape is { } positions)
        {
            Rank(node, 9, positions, 2);
            Same(9, "batch", positions[0], batch);
            Same(9, "length", positions[1], queries);
        }
    }
}
