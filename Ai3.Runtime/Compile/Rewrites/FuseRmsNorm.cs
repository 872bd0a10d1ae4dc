using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>RMSNormalization written out: x / sqrt(mean(x^2) + epsilon) (or times a reciprocal), scaled by a vector over the last axis.</summary>
internal sealed class FuseRmsNorm : IRewrite
{
    private const int Opset = 23;

    public string Name => "fuse_rms_norm";

    public bool Apply(RewriteContext context)
    {
        bool changed = false;
        foreach (Node division in context.NodesOf("Div", "Mul"))
        {
            if (Deviation.Of(division) is not { } found || !ReferenceEquals(Pattern.Squared(found.Squares), found.Value)
                || found.Value.Tensor is not { Type: DType.Float32 or DType.Float64 } || context.OnlyReader(division, "Mul") is not { } scaling)
                continue;
            GraphValue? scale = Pattern.Other(scaling, division.Outputs[0]);
            if (!Pattern.IsVectorOf(scale, found.Value))
                continue;
            Attributes attributes = Attributes.Empty.With("axis", -1L).With("epsilon", (float)found.Epsilon);
            context.Patch.Replace(scaling, "", "RMSNormalization", Opset, attributes, [found.Value, scale], [.. found.Nodes, division, scaling]);
            changed = true;
        }
        return changed;
    }
}
