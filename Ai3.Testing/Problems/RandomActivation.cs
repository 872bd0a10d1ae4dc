using Ai3.Ops;

namespace Ai3.Testing;

/// <summary>Activations of fused problems: often none, often a clamp, each of the others sometimes.</summary>
internal static class RandomActivation
{
    public static Activation Of(TestRandom random) => random.Below(6) switch
    {
        0 => Activation.Relu,
        1 => random.Chance(0.5) ? new Activation(ActivationKind.Clip, -1, 6) : new Activation(ActivationKind.Clip, 1, 2),
        2 or 3 => random.Pick(
            new Activation(ActivationKind.Sigmoid),
            new Activation(ActivationKind.Tanh),
            new Activation(ActivationKind.LeakyRelu, 0.1f),
            new Activation(ActivationKind.HardSigmoid, 0.2f, 0.5f),
            new Activation(ActivationKind.HardSwish),
            new Activation(ActivationKind.Swish, 1),
            new Activation(ActivationKind.Swish, 1.702f),
            new Activation(ActivationKind.Gelu),
            new Activation(ActivationKind.GeluTanh),
            new Activation(ActivationKind.Mish),
            new Activation(ActivationKind.Elu, 1),
            new Activation(ActivationKind.Softplus)),
        _ => Activation.None,
    };

    public static Activation OfPrologue(TestRandom random) => random.Chance(0.7) ? Activation.Relu : random.Pick(Activation.None, new Activation(ActivationKind.Swish, 1));
}
