using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Conv, BatchNormalization: the normalisation is folded into weights and bias, in double.</summary>
internal sealed class FoldBatchNorm : IRewrite
{
    public string Name => "fold_batch_norm";

    public bool Apply(RewriteContext context)
    {
        bool changed = false;
        foreach (Node conv in context.NodesOf("Conv"))
        {
            if (!conv.Fusion.IsNone || context.OnlyReader(conv, "BatchNormalization") is not { } norm || Affine(norm) is not (var scale, var shift))
                continue;
            if (!ReferenceEquals(norm.Inputs[0], conv.Outputs[0]) || !ConvParts.ScaleAndShift(context.Patch, conv, scale, shift))
                continue;
            context.Patch.Absorb(conv, norm);
            changed = true;
        }
        return changed;
    }

    /// <summary>y = x scale + shift for each channel; null if the statistics are not constant float32 or other outputs are read.</summary>
    public static (double[] Scale, double[] Shift)? Affine(Node norm)
    {
        if (norm.Inputs.Count < 5 || norm.Outputs.Skip(1).Any(o => o is { Readers.Count: > 0 }) || norm.Attributes.Flag("training_mode"))
            return null;
        var parameters = new double[4][];
        for (int i = 0; i < 4; i++)
        {
            if (norm.Inputs[i + 1]?.Constant is not { Type: DType.Float32 } constant)
                return null;
            parameters[i] = ConvParts.Doubles(constant);
        }
        double epsilon = norm.Attributes.Float("epsilon", 1e-5f);
        double[] scale = [.. parameters[0].Select((gamma, c) => gamma / Math.Sqrt(parameters[3][c] + epsilon))];
        double[] shift = [.. parameters[1].Select((beta, c) => beta - parameters[2][c] * scale[c])];
        return (scale, shift);
    }
}
