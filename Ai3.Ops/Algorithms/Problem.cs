using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>An operand's element type and shape.</summary>
/// <param name="Type">The element type; <see cref="DType.Undefined"/> for an absent optional operand.</param>
/// <param name="Shape">The dimensions.</param>
public readonly record struct TensorType(DType Type, Shape Shape)
{
    /// <summary>An optional operand that is not there.</summary>
    public static TensorType Absent => default;

    /// <summary>True if the operand is not there.</summary>
    public bool IsAbsent => Type == DType.Undefined;

    /// <summary>Bytes in row-major layout.</summary>
    public long ByteLength => Type.ByteCount(Shape.Count);

    /// <inheritdoc/>
    public override string ToString() => IsAbsent ? "absent" : $"{Type.ShortName()}{Shape}";
}

/// <summary>
/// The resolved facts of one operation: element types, shapes, strides, fused parts, which inputs are constant. A plain
/// value: no tensor, node or global. Algorithms decide from it whether and how they apply.
/// </summary>
public abstract record Problem
{
    /// <summary>Bit i set: input i is a constant of the model, so an algorithm may prepare it once.</summary>
    public uint ConstantInputs { get; init; }

    /// <summary>
    /// The canonical text, without values: names a row of a tuning database, a benchmark and a shrunk failure, and parses back,
    /// such as <c>conv/f32 n1 c256 28x28 m256 k3x3 s1 p1 g1 relu</c>.
    /// </summary>
    public abstract string Key { get; }

    /// <summary>Inputs in kernel order: the operator's own (absent ones included), then the fused ones.</summary>
    public abstract ImmutableArray<TensorType> Inputs { get; }

    /// <summary>Outputs in kernel order; an output that nobody reads may be absent.</summary>
    public abstract ImmutableArray<TensorType> Outputs { get; }

    /// <summary>True if input <paramref name="index"/> is a constant of the model.</summary>
    public bool IsConstant(int index) => (ConstantInputs >> index & 1) != 0;

    /// <summary>Floating-point operations, multiply and add counted apart; 0 where the count means nothing.</summary>
    public virtual double Flops => 0;

    /// <summary>Bytes of all operands, each once: the least traffic an algorithm can cause.</summary>
    public double Traffic => Inputs.Sum(t => t.IsAbsent ? 0.0 : t.ByteLength) + Outputs.Sum(t => t.IsAbsent ? 0.0 : t.ByteLength);

    /// <summary>The key.</summary>
    public sealed override string ToString() => Key;
}
