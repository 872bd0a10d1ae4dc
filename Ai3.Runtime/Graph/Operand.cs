using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>A value of a graph under construction: what <see cref="GraphBuilder"/> takes and gives.</summary>
public sealed class Operand
{
    internal Operand(GraphBuilder owner, string name, ValueFact? fact, bool isComputed)
    {
        Owner = owner;
        Name = name;
        Fact = fact;
        IsComputed = isComputed;
    }

    /// <summary>The name in the model; <see cref="GraphBuilder.Output(string, Operand)"/> may change it.</summary>
    public string Name { get; internal set; }

    /// <summary>What is known of the value; null where an operator is not in the builder's catalogue.</summary>
    public ValueFact? Fact { get; }

    /// <summary>The element type; <see cref="DType.Undefined"/> if it is not known or the value is no tensor.</summary>
    public DType Type => (Fact as TensorFact)?.Type ?? DType.Undefined;

    /// <summary>The dimensions, as far as they are known; null if not even the rank is.</summary>
    public SymbolicShape? Shape => (Fact as TensorFact)?.Shape;

    internal GraphBuilder Owner { get; }

    /// <summary>True if a node makes the value, false for inputs and constants.</summary>
    internal bool IsComputed { get; }

    /// <summary>Element-wise sum, shapes broadcast.</summary>
    public static Operand operator +(Operand a, Operand b) => GraphBuilder.InnerOf(a, b).Add(a, b);

    /// <summary>Element-wise sum with a number of the operand's element type.</summary>
    public static Operand operator +(Operand a, double b) => a.Owner.Add(a, a.Owner.ScalarLike(a, b));

    /// <summary>Element-wise difference, shapes broadcast.</summary>
    public static Operand operator -(Operand a, Operand b) => GraphBuilder.InnerOf(a, b).Sub(a, b);

    /// <summary>Element-wise difference with a number of the operand's element type.</summary>
    public static Operand operator -(Operand a, double b) => a.Owner.Sub(a, a.Owner.ScalarLike(a, b));

    /// <summary>Element-wise negation.</summary>
    public static Operand operator -(Operand a) => a.Owner.Neg(a);

    /// <summary>Element-wise product, shapes broadcast.</summary>
    public static Operand operator *(Operand a, Operand b) => GraphBuilder.InnerOf(a, b).Mul(a, b);

    /// <summary>Element-wise product with a number of the operand's element type.</summary>
    public static Operand operator *(Operand a, double b) => a.Owner.Mul(a, a.Owner.ScalarLike(a, b));

    /// <summary>Element-wise quotient, shapes broadcast.</summary>
    public static Operand operator /(Operand a, Operand b) => GraphBuilder.InnerOf(a, b).Div(a, b);

    /// <summary>Element-wise quotient with a number of the operand's element type.</summary>
    public static Operand operator /(Operand a, double b) => a.Owner.Div(a, a.Owner.ScalarLike(a, b));

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Fact?.ToString() ?? "?"}";
}
