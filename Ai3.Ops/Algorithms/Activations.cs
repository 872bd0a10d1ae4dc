using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Which operators are activations that a fused operation can end or begin with.</summary>
public static class Activations
{
    /// <summary>The activation that a node computes, or null if it is none that can be fused.</summary>
    /// <param name="domain">The operator's domain: empty for ai.onnx.</param>
    /// <param name="opType">The operator.</param>
    /// <param name="attributes">The node's attributes.</param>
    /// <param name="constants">The node's inputs where they are constant; the first is the activated value.</param>
    public static Activation? Of(string domain, string opType, Attributes attributes, IReadOnlyList<Tensor?> constants) => domain switch
    {
        "" => Standard(opType, attributes, constants),
        "com.microsoft" => Contributed(opType, attributes, constants),
        _ => null,
    };

    private static Activation? Standard(string opType, Attributes attributes, IReadOnlyList<Tensor?> constants) => opType switch
    {
        "Relu" => Activation.Relu,
        "Clip" => Clip(attributes, constants),
        "LeakyRelu" => new Activation(ActivationKind.LeakyRelu, attributes.Float("alpha", 0.01f)),
        "Sigmoid" => new Activation(ActivationKind.Sigmoid),
        "Tanh" => new Activation(ActivationKind.Tanh),
        "HardSigmoid" => new Activation(ActivationKind.HardSigmoid, attributes.Float("alpha", 0.2f), attributes.Float("beta", 0.5f)),
        "HardSwish" => new Activation(ActivationKind.HardSwish),
        "Swish" => new Activation(ActivationKind.Swish, attributes.Float("alpha", 1)),
        "Gelu" => attributes.String("approximate", "none") switch
        {
            "none" => new Activation(ActivationKind.Gelu),
            "tanh" => new Activation(ActivationKind.GeluTanh),
            _ => null,
        },
        "Mish" => new Activation(ActivationKind.Mish),
        "Elu" => new Activation(ActivationKind.Elu, attributes.Float("alpha", 1)),
        "Softplus" => new Activation(ActivationKind.Softplus),
        _ => null,
    };

    private static Activation? Contributed(string opType, Attributes attributes, IReadOnlyList<Tensor?> constants) => opType switch
    {
        "Gelu" => new Activation(ActivationKind.Gelu),
        "QuickGelu" => new Activation(ActivationKind.Swish, attributes.Float("alpha", 1.702f)),
        // A second input is a bias.
        "FastGelu" when constants.Count == 1 => new Activation(ActivationKind.GeluTanh),
        _ => null,
    };

    private static Activation? Clip(Attributes attributes, IReadOnlyList<Tensor?> constants)
    {
        // Where bounds are attributes, a missing one is the largest finite number; where they are inputs, there is no bound.
        bool given = attributes.Has("min") || attributes.Has("max");
        float most = given ? float.MaxValue : float.PositiveInfinity;
        if (!given && constants.Count < 2 || !TryBound(attributes, "min", constants, 1, -most, out float low) || !TryBound(attributes, "max", constants, 2, most, out float high))
            return null;
        return low <= high ? new Activation(ActivationKind.Clip, low, high) : null;
    }

    // Before opset 11 the bounds are attributes, from then on inputs.
    private static bool TryBound(Attributes attributes, string name, IReadOnlyList<Tensor?> constants, int index, float fallback, out float bound)
    {
        bound = attributes.Float(name, fallback);
        if (index >= constants.Count || constants[index] is not { } tensor)
            return true;
        if (tensor.Type != DType.Float32 || tensor.Count != 1)
            return false;
        bound = tensor.AsSpan<float>()[0];
        return true;
    }
}
