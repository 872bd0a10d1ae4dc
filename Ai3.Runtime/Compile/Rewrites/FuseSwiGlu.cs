using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>x sigmoid(x) becomes Swish; multiplied by another value of the same shape, SwiGLU.</summary>
internal sealed class FuseSwiGlu : IRewrite
{
    private const int SwishOpset = 24;
    private const int SwiGluOpset = 28;

    public string Name => "fuse_swiglu";

    public bool Apply(RewriteContext context)
    {
        bool changed = false;
        foreach (Node sigmoid in context.NodesOf("Sigmoid"))
        {
            if (sigmoid.Inputs[0] is not { Tensor: { Type: DType.Float32, Shape: { } shape } } x || context.OnlyReader(sigmoid, "Mul") is not { } swish
                || !ReferenceEquals(Pattern.Other(swish, sigmoid.Outputs[0]), x))
                continue;
            Attributes attributes = Attributes.Empty.With("alpha", 1f);
            if (context.OnlyReader(swish, "Mul") is { } gate && Pattern.Other(gate, swish.Outputs[0]) is { Tensor: { Type: DType.Float32, Shape: { } other } } value && other.Equals(shape))
                context.Patch.Replace(gate, "", "SwiGLU", SwiGluOpset, attributes, [x, value], [sigmoid, swish, gate]);
            else
                context.Patch.Replace(swish, "", "Swish", SwishOpset, attributes, [x], [sigmoid, swish]);
            changed = true;
        }
        return changed;
    }
}
