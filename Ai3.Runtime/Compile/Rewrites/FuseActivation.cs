using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Conv, Gemm or MatMul, then an activation: the activation joins the step.</summary>
internal sealed class FuseActivation : IRewrite
{
    public string Name => "fuse_activation";

    public bool Apply(RewriteContext context)
    {
        bool changed = false;
        foreach (Node host in context.NodesOf("Conv", "Gemm", "MatMul"))
        {
            if (host.Fusion.Activation.Kind != ActivationKind.None || host.Outputs[0]?.Tensor is not { Type: DType.Float32 })
                continue;
            if (OnlyActivation(context, host) is not (var reader, var activation))
                continue;
            host.Fusion = host.Fusion with { Activation = activation };
            context.Patch.Absorb(host, reader);
            changed = true;
        }
        return changed;
    }

    /// <summary>The one reader of a node's output, if it is an activation with constant parameters.</summary>
    public static (Node Reader, Activation Activation)? OnlyActivation(RewriteContext context, Node node)
    {
        if (node.Outputs[0] is not { } output || !context.Patch.IsUsedOnce(output) || node.Outputs.Skip(1).Any(o => o is { Readers.Count: > 0 }))
            return null;
        Node reader = output.Readers[0];
        if (reader.Inputs.Count == 0 || !ReferenceEquals(reader.Inputs[0], output) || reader.Inputs.Skip(1).Any(i => i is { Constant: null }))
            return null;
        return Activations.Of(reader.Domain, reader.OpType, reader.Attributes, [.. reader.Inputs.Select(i => i?.Constant)]) is { } activation ? (reader, activation) : null;
    }
}
