using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>MatMul, Add of a vector over the last axis: the vector becomes the product's bias.</summary>
internal sealed class FuseMatMulBias : IRewrite
{
    public string Name => "fuse_matmul_bias";

    public bool Apply(RewriteContext context)
    {
        bool changed = false;
        foreach (Node product in context.NodesOf("MatMul"))
        {
            if (!product.Fusion.IsNone || product.Inputs.Count > 2 || context.OnlyReader(product, "Add") is not { } add || add.Inputs.Count != 2)
                continue;
            if (add.Attributes.Has("axis") || product.Outputs[0]!.Tensor is not { Type: DType.Float32, Shape: { Rank: > 0 } shape })
                continue;
            GraphValue? bias = add.Inputs[ReferenceEquals(add.Inputs[0], product.Outputs[0]) ? 1 : 0];
            if (bias?.Tensor is not { Type: DType.Float32, Shape: { Rank: 1 } vector } || !vector[0].IsKnown || vector[0] != shape[^1])
                continue;
            context.Patch.AddInput(product, 2, bias);
            context.Patch.Absorb(product, add);
            changed = true;
        }
        return changed;
    }
}
