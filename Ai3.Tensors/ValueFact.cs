using System.Collections.Immutable;

namespace Ai3.Tensors;

/// <summary>What is known of a value before it exists.</summary>
public abstract record ValueFact;

/// <summary>What is known of a tensor.</summary>
/// <param name="Type">The element type, or <see cref="DType.Undefined"/> if not known yet.</param>
/// <param name="Shape">The dimensions; null if not even the rank is known.</param>
public sealed record TensorFact(DType Type, SymbolicShape? Shape) : ValueFact
{
    /// <summary>The layout in memory, a fact of the plan.</summary>
    public Format Format { get; init; }

    /// <summary>The value itself, where it is a constant.</summary>
    public Tensor? Constant { get; init; }

    /// <summary>The elements of a small integer tensor as expressions, where shape arithmetic knows them; row-major.</summary>
    public ImmutableArray<Dim> Elements { get; init; }

    /// <summary>The facts of a tensor that exists.</summary>
    public static TensorFact Of(Tensor tensor) => new(tensor.Type, tensor.Shape) { Format = tensor.Format };

    /// <summary>The facts of a constant.</summary>
    public static TensorFact OfConstant(Tensor tensor) => Of(tensor) with { Constant = tensor };

    /// <summary>The shape in numbers.</summary>
    /// <exception cref="ShapeException">A dimension is not known.</exception>
    public Shape KnownShape => Shape is not null && Shape.TryGetShape(out Shape known) ? known
        : throw new ShapeException($"shape {Shape?.ToString() ?? "of unknown rank"} is not known in numbers");

    /// <summary>True if element type and every dimension are known.</summary>
    public bool IsKnown => Type != DType.Undefined && Shape is { IsKnown: true };

    /// <inheritdoc/>
    public override string ToString() => $"{Type.ShortName()}{Shape?.ToString() ?? "[?]"}";
}

/// <summary>A sequence of values of one kind.</summary>
/// <param name="Element">What is known of the elements.</param>
public sealed record SequenceFact(ValueFact Element) : ValueFact
{
    /// <inheritdoc/>
    public override string ToString() => $"seq({Element})";
}

/// <summary>A map from keys to values.</summary>
/// <param name="Key">An integer type or <see cref="DType.String"/>.</param>
/// <param name="Element">What is known of the values.</param>
public sealed record MapFact(DType Key, ValueFact Element) : ValueFact
{
    /// <inheritdoc/>
    public override string ToString() => $"map({Key.ShortName()},{Element})";
}

/// <summary>A value that may be absent.</summary>
/// <param name="Element">What is known of the value, if present.</param>
public sealed record OptionalFact(ValueFact Element) : ValueFact
{
    /// <inheritdoc/>
    public override string ToString() => $"optional({Element})";
}
