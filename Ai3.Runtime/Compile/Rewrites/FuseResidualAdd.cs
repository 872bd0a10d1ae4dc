using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Conv, Gemm or MatMul, then Add (or Sum) of another value of the same shape: the addition joins the step.</summary>
internal sealed class FuseResidualAdd : IRewrite
{
    public string Name => "fuse_residual_add";

    public bool Apply(RewriteContext context)
    {
        bool changed = false;
        foreach (Node add in context.NodesOf("Add", "Sum"))
        {
            if (add.Inputs.Count != 2 || add.Attributes.Has("axis"))
                continue;
            // The later producer, so that the other value is there when the fused step runs anyway; either would be right.
            Node? host = Enumerable.Range(0, 2).Select(i => Host(context, add, i)).OfType<Node>()
                .OrderByDescending(n => context.Graph.NodeList.IndexOf(n)).FirstOrDefault();
            if (host is null)
                continue;
            GraphValue residual = add.Inputs[ReferenceEquals(add.Inputs[0], host.Outputs[0]) ? 1 : 0]!;
            context.Patch.AddFusedInput(host, residual);
            host.Fusion = host.Fusion with { Residual = true };
            context.Patch.Absorb(host, add);
            changed = true;
        }
        return changed;
    }

    private static Node? Host(RewriteContext context, Node add, int index)
    {
        if (add.Inputs[index] is not { Producer: { } producer } value || add.Inputs[1 - index] is not { } other || ReferenceEquals(value, other))
            return null;
        bool fits = producer.Domain.Length == 0 && producer.OpType is "Conv" or "Gemm" or "MatMul" && producer.Fusion.IsNone
            && context.Patch.IsUsedOnce(value) && value.Tensor is { Type: DType.Float32, Shape: { } shape }
            && other.Tensor is { Type: DType.Float32, Shape: { } otherShape } && shape.Equals(otherShape);
        return fits ? producer : null;
    }
}
