using System.Numerics;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>What rewrites of convolutions share: constant float32 weights and vectors over output channels.</summary>
internal static class ConvParts
{
    /// <summary>The constant float32 weights of a convolution, or null.</summary>
    public static Tensor? Weights(Node conv) => conv.Inputs.Count > 1 && conv.Inputs[1]?.Constant is { Type: DType.Float32 } weights ? weights : null;

    /// <summary>The bias as doubles: zeros if absent, null if it is not a constant.</summary>
    public static double[]? Bias(Node conv, long channels)
    {
        if (conv.Inputs.Count < 3 || conv.Inputs[2] is not { } bias)
            return new double[channels];
        return bias.Constant is { Type: DType.Float32 } constant ? Doubles(constant) : null;
    }

    /// <summary>The elements of a constant float32 tensor as doubles.</summary>
    public static double[] Doubles(Tensor tensor)
    {
        ReadOnlySpan<float> span = tensor.AsSpan<float>();
        var result = new double[span.Length];
        for (int i = 0; i < result.Length; i++)
            result[i] = span[i];
        return result;
    }

    /// <summary>
    /// A constant that varies over channels only, as one value a channel: shape [C,1,...] or [1,C,1,...] against [n,C,...], or a
    /// single value; null if it is anything else.
    /// </summary>
    public static double[]? PerChannel(Tensor? constant, int rank, long channels)
    {
        if (constant is not { Type: DType.Float32 })
            return null;
        int offset = rank - constant.Shape.Rank;
        if (offset < 0)
            return null;
        for (int axis = 0; axis < constant.Shape.Rank; axis++)
            if (constant.Shape[axis] != 1 && !(axis + offset == 1 && constant.Shape[axis] == channels))
                return null;
        double[] values = Doubles(constant);
        return values.Length == channels ? values : [.. Enumerable.Repeat(values[0], checked((int)channels))];
    }

    /// <summary>Gives a convolution other weights and bias: w' = w scale[m], b' = b scale[m] + shift[m].</summary>
    public static bool ScaleAndShift(GraphPatch patch, Node conv, double[] scale, double[] shift)
    {
        if (Weights(conv) is not { } weights || Bias(conv, weights.Shape[0]) is not { } bias || scale.Length != weights.Shape[0])
            return false;
        if (scale.Any(s => s != 1))
        {
            Tensor scaled = Tensor.Allocate(DType.Float32, weights.Shape);
            ReadOnlySpan<float> from = weights.AsSpan<float>();
            Span<float> to = scaled.AsSpan<float>();
            int inner = from.Length / scale.Length;
            for (int m = 0; m < scale.Length; m++)
                Scale(from.Slice(m * inner, inner), scale[m], to.Slice(m * inner, inner));
            patch.SetInput(conv, 1, patch.AddConstant($"{conv.Name}.weight", scaled));
        }
        float[] shifted = [.. bias.Select((b, m) => (float)(b * scale[m] + shift[m]))];
        patch.AddInput(conv, 2, patch.AddConstant($"{conv.Name}.bias", Tensor.Copy<float>(shifted, [shifted.Length])));
        return true;
    }

    // Products in double, so that each weight is rounded once.
    private static void Scale(ReadOnlySpan<float> from, double scale, Span<float> to)
    {
        int i = 0;
        for (; i + Vector<float>.Count <= from.Length; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(from[i..]), out Vector<double> lower, out Vector<double> upper);
            Vector.Narrow(lower * scale, upper * scale).CopyTo(to[i..]);
        }
        for (; i < from.Length; i++)
            to[i] = (float)(from[i] * scale);
    }
}
