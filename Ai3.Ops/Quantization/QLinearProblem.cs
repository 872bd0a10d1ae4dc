using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Which inputs hold one quantised operand.</summary>
/// <param name="Data">The codes.</param>
/// <param name="Scale">The scale.</param>
/// <param name="Zero">The zero point, which may be absent.</param>
public readonly record struct QLinearOperand(int Data, int Scale, int Zero);

/// <summary>
/// An operator on quantised tensors that is defined by its real form: operands are dequantised, the real operator is computed, and its result is
/// quantised. All scales and zero points are one for all.
/// </summary>
public sealed record QLinearProblem : Problem
{
    /// <summary>The real operator's name.</summary>
    public required string Op { get; init; }

    /// <summary>The real operator's problem, in float32 or float64.</summary>
    public required Problem Inner { get; init; }

    /// <summary>The inputs, in the operator's order.</summary>
    public required ImmutableArray<TensorType> Operands { get; init; }

    /// <summary>The quantised operands, in the order of the real operator's last inputs; inputs before them are passed on.</summary>
    public required ImmutableArray<QLinearOperand> Quantized { get; init; }

    /// <summary>Where scale and zero point of the output are.</summary>
    public required QLinearOperand Result { get; init; }

    /// <summary>uint8 or int8.</summary>
    public required DType OutputType { get; init; }

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => Operands;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => [new TensorType(OutputType, Inner.Outputs[0].Shape)];

    /// <inheritdoc/>
    public override double Flops => Inner.Flops;

    /// <summary>The operands' types and shapes, then the real operator's own key.</summary>
    public override string Key => $"qlinear{Op.ToLowerInvariant()} {string.Join(" ", Operands)} -> {OutputType.ShortName()} | {Inner.Key}";

    /// <summary>An operand by its place; absent where there is none.</summary>
    internal TensorType Operand(int index) => index >= 0 && index < Operands.Length ? Operands[index] : TensorType.Absent;
}
