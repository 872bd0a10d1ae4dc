using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>
/// Attention written out: Softmax(Q K' scaled + mask) V becomes one Attention node, with heads on an axis of their own or one head (then of three
/// dimensions). Keys may come transposed by a node of their own, transposed with another permutation, or as they are where somebody transposes them
/// back. A mask is added, or a Where hides scores (<see cref="AttentionMaskPattern"/>).
/// </summary>
/// <remarks>A row whose keys are all masked by minus infinity gives zeros where the written-out form gives NaN.</remarks>
internal sealed class FuseAttention : IRewrite
{
    private const int Opset = 24;

    public string Name => "fuse_attention";

    public bool Apply(RewriteContext context)
    {
        bool changed = false;
        foreach (Node softmax in context.NodesOf("Softmax"))
            changed |= Fuse(context, softmax);
        return changed;
    }

    private static bool Fuse(RewriteContext context, Node softmax)
    {
        if (softmax.Outputs[0]?.Tensor is not { Type: DType.Float32, Shape: { Rank: 3 or 4 } scores } || !IsOverLastAxis(softmax, scores.Rank)
            || context.OnlyReader(softmax, "MatMul") is not { } weighing || !ReferenceEquals(weighing.Inputs[0], softmax.Outputs[0]) || weighing.Inputs.Count > 2)
            return false;
        var origins = new List<Node> { softmax };
        GraphValue? at = softmax.Inputs[0], mask = null;
        AttentionMaskPattern? hiding = AttentionMaskPattern.Of(context, at);
        if (hiding is not null)
        {
            if (!Covers(hiding.Condition, scores))
                return false;
            at = hiding.Scores;
            origins.Add(hiding.Where);
        }
        else
            mask = Mask(context, ref at, scores, origins);
        double scale = 1;
        while (Scaled(context, at) is (var node, var inner, var factor))
        {
            scale *= factor;
            at = inner;
            origins.Add(node);
        }
        if (Pattern.MadeOnlyForThis(context, at, "MatMul") is not { Inputs: [{ } q, { } transposed] } product || weighing.Inputs[1] is not { } v)
            return false;
        q = Unscaled(q, ref scale);
        transposed = Unscaled(transposed, ref scale);
        if (!Fits(q, transposed, v, scores) || KeyOrder(transposed) is null && TransposedBack(context, transposed, weighing) is null)
            return false;
        if (hiding is not null && (mask = hiding.Mask(context, weighing)) is null)
            return false;
        GraphValue k = Keys(context, product, weighing, transposed);
        Attributes attributes = Attributes.Empty.With("scale", (float)scale);
        if (scores.Rank == 3)
            attributes = attributes.With("q_num_heads", 1L).With("kv_num_heads", 1L);
        GraphValue?[] inputs = mask is null ? [q, k, v] : [q, k, v, mask];
        context.Patch.Replace(weighing, "", "Attention", Opset, attributes, inputs, [product, .. origins, weighing]);
        return true;
    }

    private static bool IsOverLastAxis(Node softmax, int rank)
    {
        // Before opset 13 all axes from this one on make a row.
        long axis = softmax.Attributes.Int("axis", softmax.Opset < 13 ? 1 : -1);
        return axis == -1 || axis == rank - 1;
    }

    // What is added to the scores.
    private static GraphValue? Mask(RewriteContext context, ref GraphValue? at, SymbolicShape scores, List<Node> origins)
    {
        if (Pattern.MadeOnlyForThis(context, at, "Add") is not { Inputs: [{ } a, { } b] } add)
            return null;
        foreach ((GraphValue value, GraphValue mask) in new[] { (a, b), (b, a) })
        {
            if (value.Tensor?.Shape is not { Rank: >= 3 } whole || !whole.Equals(scores) || !LeadsToProduct(value)
                || mask.Tensor is not { Type: DType.Float32 } || !Covers(mask, scores))
                continue;
            at = value;
            origins.Add(add);
            return mask;
        }
        return null;
    }

    // A shorter last axis means something else in the operator; of three dimensions the first is the scores' batch and the operator's head.
    private static bool Covers(GraphValue mask, SymbolicShape scores) =>
        mask.Tensor?.Shape is { Rank: >= 1 } shape && shape.Rank <= scores.Rank && shape[^1] == scores[^1] && (scores.Rank == 4 || shape.Rank < 3 || shape[0].Is(1));

    private static bool LeadsToProduct(GraphValue value)
    {
        GraphValue? at = value;
        while (Pattern.Made(at, "Mul", "Div") is { } scaling && Pattern.WithScalar(scaling) is (var inner, _))
            at = inner;
        return Pattern.Made(at, "MatMul") is not null;
    }

    private static (Node Node, GraphValue Inner, double Factor)? Scaled(RewriteContext context, GraphValue? value)
    {
        if (Pattern.MadeOnlyForThis(context, value, "Mul") is { } product && Pattern.WithScalar(product) is (var x, var factor))
            return (product, x, factor);
        if (Pattern.MadeOnlyForThis(context, value, "Div") is { Inputs: [{ } y, { } divisor] } quotient && Pattern.Scalar(divisor) is { } by && by != 0)
            return (quotient, y, 1 / by);
        return null;
    }

    // A scaled query or key is the same as a scaled score.
    private static GraphValue Unscaled(GraphValue value, ref double scale)
    {
        if (Pattern.Made(value, "Mul") is { } product && Pattern.WithScalar(product) is (var x, var factor))
        {
            scale *= factor;
            return x;
        }
        if (Pattern.Made(value, "Div") is { Inputs: [{ } y, { } divisor] } && Pattern.Scalar(divisor) is { } by && by != 0)
        {
            scale /= by;
            return y;
        }
        return value;
    }

    // The keys as the operator reads them, [.., position, size].
    private static GraphValue Keys(RewriteContext context, Node product, Node weighing, GraphValue transposed)
    {
        if (KeyOrder(transposed) is not { } order)
            return TransposedBack(context, transposed, weighing)!;
        GraphValue source = Pattern.Made(transposed, "Transpose")!.Inputs[0]!;
        if (order.SequenceEqual(Enumerable.Range(0, order.Length).Select(a => (long)a)))
            return source;
        SymbolicShape shape = source.Tensor!.Shape!;
        GraphValue keys = context.Patch.NewValue($"{source.Name}.heads", new TensorFact(source.Tensor.Type, SymbolicShape.Create([.. order.Select(a => shape[(int)a])])));
        context.Patch.InsertBefore(product, "Transpose", Attributes.Empty.With("perm", order), [source], [keys]);
        return keys;
    }

    // The permutation that gives the keys before their last two axes are exchanged.
    private static ImmutableArray<long>? KeyOrder(GraphValue transposed)
    {
        if (Pattern.Made(transposed, "Transpose") is not { Inputs: [{ Tensor.Shape: { } shape }] } transpose)
            return null;
        ImmutableArray<long> order = transpose.Attributes.Ints("perm");
        if (order.IsDefault || order.Length != shape.Rank)
            return null;
        return order.SetItem(order.Length - 1, order[^2]).SetItem(order.Length - 2, order[^1]);
    }

    // Decoders that keep a cache of transposed keys turn them back for it.
    private static GraphValue? TransposedBack(RewriteContext context, GraphValue transposed, Node before)
    {
        int rank = transposed.Tensor!.Shape!.Rank, place = context.Graph.NodeList.IndexOf(before);
        return transposed.Readers.FirstOrDefault(r => r is { Domain: "", OpType: "Transpose" } && context.Graph.NodeList.IndexOf(r) < place
            && r.Attributes.Ints("perm") is { IsDefault: false } order && order.Length == rank && order[^1] == rank - 2 && order[^2] == rank - 1
            && order.Take(rank - 2).SequenceEqual(Enumerable.Range(0, rank - 2).Select(a => (long)a)))?.Outputs[0];
    }

    // Whole batches and heads on every side: a product may broadcast them, the operator does not.
    private static bool Fits(GraphValue q, GraphValue transposed, GraphValue v, SymbolicShape scores)
    {
        foreach (GraphValue value in new[] { q, transposed, v })
            if (value.Tensor is not { Type: DType.Float32, Shape: { } shape } || shape.Rank != scores.Rank || shape[0] != scores[0]
                || scores.Rank == 4 && (!shape[1].IsKnown || shape[1] != scores[1]))
                return false;
        return transposed.Tensor!.Shape![^1] == v.Tensor!.Shape![^2] && v.Tensor.Shape[^2] == scores[^1];
    }
}
