using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>BatchNormalization, maybe an activation, then Conv, as in DenseNet: scale, shift and activation join the convolution.</summary>
internal sealed class FuseBatchNormPrologue : IRewrite
{
    public string Name => "fuse_batch_norm_prologue";

    public bool Apply(RewriteContext context)
    {
        bool changed = false;
        foreach (Node norm in context.NodesOf("BatchNormalization"))
        {
            if (norm.Outputs[0] is not { Tensor.Type: DType.Float32 } || FoldBatchNorm.Affine(norm) is not (var scale, var shift))
                continue;
            (Node Reader, Activation Activation)? activation = FuseActivation.OnlyActivation(context, norm);
            Node last = activation?.Reader ?? norm;
            if (context.OnlyReader(last, "Conv") is not { } conv || conv.Fusion.Prologue || !ReferenceEquals(conv.Inputs[0], last.Outputs[0]))
                continue;
            context.Patch.AddFusedInput(conv, context.Patch.AddConstant($"{norm.Name}.scale", Vector(scale)));
            context.Patch.AddFusedInput(conv, context.Patch.AddConstant($"{norm.Name}.shift", Vector(shift)));
            conv.Fusion = conv.Fusion with { Prologue = true, PrologueActivation = activation?.Activation ?? Activation.None };
            context.Patch.SetInput(conv, 0, norm.Inputs[0]);
            conv.Origins = [.. norm.Origins, .. activation is null ? [] : last.Origins, .. conv.Origins];
            if (activation is not null)
                context.Patch.Remove(last);
            context.Patch.Remove(norm);
            changed = true;
        }
        return changed;
    }

    private static Tensor Vector(double[] values) => Tensor.Copy<float>(Array.ConvertAll(values, v => (float)v), [values.Length]);
}
