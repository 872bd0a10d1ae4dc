namespace Ai3.Ops;

/// <summary>
/// What is computed around an operation in the same step: y = Activation(op(PrologueActivation(x * scale[c] + shift[c]), ...) + residual).
/// </summary>
/// <remarks>
/// Fused inputs follow the operator's own in kernel order: residual (the output's shape and format), scale [C], shift [C].
/// Zero padding of a convolution applies after the prologue.
/// </remarks>
public sealed record Fusion
{
    /// <summary>Nothing fused.</summary>
    public static Fusion None { get; } = new();

    /// <summary>Whether a tensor of the output's shape is added before the activation.</summary>
    public bool Residual { get; init; }

    /// <summary>The activation at the end.</summary>
    public Activation Activation { get; init; }

    /// <summary>Whether the first input is scaled and shifted per channel (axis 1) first.</summary>
    public bool Prologue { get; init; }

    /// <summary>The activation after scale and shift.</summary>
    public Activation PrologueActivation { get; init; }

    /// <summary>True if nothing is fused.</summary>
    public bool IsNone => this == None;

    /// <summary>The number of fused inputs.</summary>
    public int InputCount => (Residual ? 1 : 0) + (Prologue ? 2 : 0);

    /// <summary>The words in a problem key, each with a leading space; empty if nothing is fused.</summary>
    public override string ToString() =>
        (Prologue ? " bn" + (PrologueActivation.Kind == ActivationKind.None ? "" : "+" + PrologueActivation) : "")
        + (Residual ? " add" : "") + (Activation.Kind == ActivationKind.None ? "" : " " + Activation);
}

/// <summary>The fused parts that an algorithm computes itself; the rest becomes passes of their own round it.</summary>
[Flags]
public enum FusedParts
{
    /// <summary>None.</summary>
    None = 0,
    /// <summary>Identity, ReLU or Clip at the end.</summary>
    Clamp = 1,
    /// <summary>The addition of a residual.</summary>
    Residual = 2,
    /// <summary>Scale, shift and a clamp in front.</summary>
    Prologue = 4,
    /// <summary>Any activation at the end.</summary>
    AnyActivation = 8 | Clamp,
}

/// <summary>A problem that can carry fused parts.</summary>
/// <typeparam name="TSelf">The problem type.</typeparam>
public interface IFusable<TSelf> where TSelf : Problem
{
    /// <summary>What is fused.</summary>
    Fusion Fusion { get; }

    /// <summary>The index of the first fused input.</summary>
    int FusedInputIndex { get; }

    /// <summary>The same problem with other fused parts.</summary>
    TSelf WithFusion(Fusion fusion);
}
