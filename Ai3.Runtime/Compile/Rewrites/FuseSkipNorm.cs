using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>
/// Add, perhaps of a bias first, and then LayerNormalization or RMSNormalization over the last axis become one node that also gives the sum where
/// others read it. Runs after sums have moved into products and convolutions, which have them for nothing.
/// </summary>
internal sealed class FuseSkipNorm : IRewrite
{
    private const int MicrosoftOpset = 1;

    private const int SumOutput = 3;

    public string Name => "fuse_skip_norm";

    public bool Apply(RewriteContext context)
    {
        bool changed = false;
        foreach (Node norm in context.NodesOf("LayerNormalization", "RMSNormalization"))
            changed |= Fuse(context, norm);
        return changed;
    }

    private static bool Fuse(RewriteContext context, Node norm)
    {
        if (norm.Inputs[0] is not { Tensor: { Type: DType.Float32, Shape: { Rank: > 0 } shape } } sum || Pattern.Made(sum, "Add") is not { Inputs: [{ } a, { } b] } add
            || add.Attributes.Has("axis") || norm.Outputs.Skip(1).Any(o => o is not null) || norm.Attributes.Int("axis", -1) is var axis && axis != -1 && axis != shape.Rank - 1)
            return false;
        // The node stands where the sum did, so that others find it there.
        if (norm.Inputs.Skip(1).Any(v => v is not null && (v.Constant is null || !Pattern.IsVectorOf(v, sum))))
            return false;
        if (Terms(context, shape, sum, a, b) is not var (x, skip, bias, biased))
            return false;
        bool layer = norm.OpType == "LayerNormalization";
        GraphValue? beta = layer && norm.Inputs.Count > 2 ? norm.Inputs[2] : null;
        GraphValue?[] inputs = layer ? [x, skip, norm.Inputs[1], beta, bias] : [x, skip, norm.Inputs[1], bias];
        Attributes attributes = Attributes.Empty.With("epsilon", norm.Attributes.Float("epsilon", 1e-5f));
        bool shared = !context.Patch.IsUsedOnce(sum);
        Node fused = context.Patch.Replace(norm, Pattern.Microsoft, layer ? "SkipLayerNormalization" : "SkipSimplifiedLayerNormalization", MicrosoftOpset, attributes,
            inputs, biased is null ? [add, norm] : [biased, add, norm]);
        if (shared)
            context.Patch.TakeOver(fused, SumOutput, add);
        return true;
    }

    // x of the sum's shape, another of it or of its last axes, and perhaps a vector added to x before.
    private static (GraphValue X, GraphValue Skip, GraphValue? Bias, Node? Biased)? Terms(RewriteContext context, SymbolicShape shape, GraphValue sum, GraphValue a, GraphValue b)
    {
        foreach ((GraphValue x, GraphValue skip) in new[] { (a, b), (b, a) })
        {
            if (x.Tensor is not { Type: DType.Float32, Shape: { } whole } || !whole.Equals(shape) || skip.Tensor is not { Type: DType.Float32, Shape: { Rank: > 1 } rows } || !Repeats(rows, shape))
                continue;
            foreach ((GraphValue inner, GraphValue other) in new[] { (x, skip), (skip, x) })
                if (rows.Equals(shape) && Pattern.MadeOnlyForThis(context, inner, "Add") is { Inputs: [{ } p, { } q] } add && !add.Attributes.Has("axis"))
                {
                    if (Pattern.IsVectorOf(q, sum) && p.Tensor?.Shape is { } left && left.Equals(shape))
                        return (p, other, q, add);
                    if (Pattern.IsVectorOf(p, sum) && q.Tensor?.Shape is { } right && right.Equals(shape))
                        return (q, other, p, add);
                }
            return (x, skip, null, null);
        }
        return null;
    }

    private static bool Repeats(SymbolicShape rows, SymbolicShape shape)
    {
        if (rows.Rank > shape.Rank)
            return false;
        int same = 0;
        while (same < rows.Rank && rows[^(same + 1)] == shape[^(same + 1)])
            same++;
        return same >= 2 && Enumerable.Range(0, rows.Rank - same).All(a => rows[a].Is(1));
    }
}
