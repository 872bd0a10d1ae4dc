using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>
/// LayerNormalization written out: d = x - mean(x), d / sqrt(mean(d^2) + epsilon) (or times a reciprocal), scaled, and perhaps shifted, by
/// vectors over the last axis.
/// </summary>
internal sealed class FuseLayerNorm : IRewrite
{
    private const int Opset = 17;

    public string Name => "fuse_layer_norm";

    public bool Apply(RewriteContext context)
    {
        bool changed = false;
        foreach (Node division in context.NodesOf("Div", "Mul"))
        {
            if (Match(division) is not (var x, var epsilon, var origins) || context.OnlyReader(division, "Mul") is not { } scaling)
                continue;
            GraphValue? scale = Pattern.Other(scaling, division.Outputs[0]);
            if (!Pattern.IsVectorOf(scale, x))
                continue;
            Node last = scaling;
            GraphValue? bias = null;
            if (context.OnlyReader(scaling, "Add") is { } shift && Pattern.Other(shift, scaling.Outputs[0]) is { } vector && Pattern.IsVectorOf(vector, x))
                (last, bias) = (shift, vector);
            Attributes attributes = Attributes.Empty.With("axis", -1L).With("epsilon", (float)epsilon);
            context.Patch.Replace(last, "", "LayerNormalization", Opset, attributes, bias is null ? [x, scale] : [x, scale, bias], [.. origins, division, scaling, last]);
            changed = true;
        }
        return changed;
    }

    private static (GraphValue X, double Epsilon, Node[] Origins)? Match(Node division)
    {
        if (Deviation.Of(division) is not { } found || Difference(found.Value) is not (var x, var difference))
            return null;
        if (Pattern.Squared(found.Squares) is not { } squared || !SameDifference(squared, found.Value, x))
            return null;
        return x.Tensor is { Type: DType.Float32 or DType.Float64 } ? (x, found.Epsilon, [difference, .. found.Nodes]) : null;
    }

    private static (GraphValue X, Node Difference)? Difference(GraphValue value)
    {
        if (Pattern.Made(value, "Sub") is not { } difference || difference.Inputs[0] is not { } x)
            return null;
        return Pattern.Made(difference.Inputs[1], "ReduceMean") is { } mean && ReferenceEquals(mean.Inputs[0], x) && Pattern.IsOverLastAxis(mean) ? (x, difference) : null;
    }

    // Some exporters subtract twice.
    private static bool SameDifference(GraphValue squared, GraphValue difference, GraphValue x) =>
        ReferenceEquals(squared, difference) || Difference(squared) is { } again && ReferenceEquals(again.X, x);
}

/// <summary>A value divided by sqrt(mean of squares + epsilon), written as a quotient or as a product with a reciprocal.</summary>
/// <param name="Value">What is divided.</param>
/// <param name="Squares">The squares that the mean is taken of.</param>
/// <param name="Epsilon">Added to the mean.</param>
/// <param name="Nodes">The nodes between squares and quotient.</param>
internal sealed record Deviation(GraphValue Value, GraphValue Squares, double Epsilon, Node[] Nodes)
{
    /// <summary>Reads a Div or Mul as one, or gives null.</summary>
    public static Deviation? Of(Node node)
    {
        if (node.Inputs is not [{ } a, { } b])
            return null;
        if (node.OpType == "Div")
            return Rooted(a, b, []);
        return Inverse(a, b) ?? Inverse(b, a);
    }

    private static Deviation? Inverse(GraphValue value, GraphValue inverse)
    {
        if (Pattern.Made(inverse, "Reciprocal") is { } reciprocal)
            return Rooted(value, reciprocal.Inputs[0], [reciprocal]);
        if (Pattern.Made(inverse, "Div") is { } quotient && Pattern.Scalar(quotient.Inputs[0]) == 1)
            return Rooted(value, quotient.Inputs[1], [quotient]);
        return null;
    }

    private static Deviation? Rooted(GraphValue value, GraphValue? root, Node[] nodes)
    {
        if (Pattern.Made(root, "Sqrt") is not { } sqrt || Pattern.Made(sqrt.Inputs[0], "Add") is not { } sum || Pattern.WithScalar(sum) is not (var mean, var epsilon))
            return null;
        if (Pattern.Made(mean, "ReduceMean") is not { } reduction || !Pattern.IsOverLastAxis(reduction) || epsilon < 0)
            return null;
        return new Deviation(value, reduction.Inputs[0]!, epsilon, [reduction, sum, sqrt, .. nodes]);
    }
}
