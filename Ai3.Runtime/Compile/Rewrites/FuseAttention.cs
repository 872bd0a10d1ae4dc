using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>
/// Attention written out: Softmax(Q K' scaled + mask) V with heads on an axis of their own becomes one Attention node. Keys may come
/// transposed by a node of their own, or straight from [batch, position, head, size].
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
        if (softmax.Outputs[0]?.Tensor is not { Type: DType.Float32, Shape: { Rank: 4 } scores } || !IsOverLastAxis(softmax)
            || context.OnlyReader(softmax, "MatMul") is not { } weighing || !ReferenceEquals(weighing.Inputs[0], softmax.Outputs[0]) || weighing.Inputs.Count > 2)
            return false;
        var origins = new List<Node> { softmax };
        GraphValue? at = softmax.Inputs[0];
        GraphValue? mask = Mask(context, ref at, scores, origins);
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
        if (Keys(context, product, transposed, ref scale) is not { } k || !Fits(q, k, v, scores))
            return false;
        Attributes attributes = Attributes.Empty.With("scale", (float)scale);
        GraphValue?[] inputs = mask is null ? [q, k, v] : [q, k, v, mask];
        context.Patch.Replace(weighing, "", "Attention", Opset, attributes, inputs, [product, .. origins, weighing]);
        return true;
    }

    private static bool IsOverLastAxis(Node softmax) => softmax.Attributes.Int("axis", softmax.Opset < 13 ? 1 : -1) is -1 or 3;

    // What is added to the scores, if it covers every key (a shorter last axis means something else in the operator).
    private static GraphValue? Mask(RewriteContext context, ref GraphValue? at, SymbolicShape scores, List<Node> origins)
    {
        if (Pattern.MadeOnlyForThis(context, at, "Add") is not { Inputs: [{ } a, { } b] } add)
            return null;
        foreach ((GraphValue value, GraphValue mask) in new[] { (a, b), (b, a) })
        {
            if (value.Tensor?.Shape is not { Rank: 4 } whole || !whole.Equals(scores) || !LeadsToProduct(value)
                || mask.Tensor is not { Type: DType.Float32, Shape: { Rank: >= 1 and <= 4 } shape } || shape[^1] != scores[^1])
                continue;
            at = value;
            origins.Add(add);
            return mask;
        }
        return null;
    }

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

    // Keys as [batch, head, position, size].
    private static GraphValue? Keys(RewriteContext context, Node product, GraphValue transposed, ref double scale)
    {
        transposed = Unscaled(transposed, ref scale);
        if (Pattern.Made(transposed, "Transpose") is not { Inputs: [{ Tensor.Shape: { Rank: 4 } shape } source] } transpose)
            return null;
        ImmutableArray<long> order = transpose.Attributes.Ints("perm");
        if (order.IsDefault)
            return null;
        if (order.AsSpan().SequenceEqual([0L, 1, 3, 2]))
            return source;
        if (!order.AsSpan().SequenceEqual([0L, 2, 3, 1]))
            return null;
        GraphValue keys = context.Patch.NewValue($"{source.Name}.heads", new TensorFact(source.Tensor!.Type, [shape[0], shape[2], shape[1], shape[3]]));
        context.Patch.InsertBefore(product, "Transpose", Attributes.Empty.With("perm", ImmutableArray.Create<long>(0, 2, 1, 3)), [source], [keys]);
        return keys;
    }

    // Whole batches and heads on every side: a product may broadcast them, the operator does not.
    private static bool Fits(GraphValue q, GraphValue k, GraphValue v, SymbolicShape scores)
    {
        foreach (GraphValue value in new[] { q, k, v })
            if (value.Tensor is not { Type: DType.Float32, Shape: { Rank: 4 } shape } || shape[0] != scores[0] || !shape[1].IsKnown || shape[1] != scores[1])
                return false;
        return k.Tensor!.Shape![2] == v.Tensor!.Shape![2] && k.Tensor.Shape[2] == scores[3];
    }
}
