using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>An attribute's value as C# writes it: numbers, texts, tensors and lists of them convert by themselves.</summary>
public readonly struct AttributeValue
{
    private readonly object? _value;

    private AttributeValue(object value) => _value = value;

    /// <summary>The value as <see cref="Attributes"/> holds it.</summary>
    internal object Value => _value ?? throw new ArgumentException("an attribute has no value");

    /// <summary>An integer.</summary>
    public static implicit operator AttributeValue(long value) => new(value);

    /// <summary>A float.</summary>
    public static implicit operator AttributeValue(float value) => new(value);

    /// <summary>A yes or no, which is an integer.</summary>
    public static implicit operator AttributeValue(bool value) => new(value ? 1L : 0L);

    /// <summary>A text.</summary>
    public static implicit operator AttributeValue(string value) => new(value);

    /// <summary>A tensor.</summary>
    public static implicit operator AttributeValue(Tensor value) => new(value);

    /// <summary>An element type, which is an integer.</summary>
    public static implicit operator AttributeValue(DType value) => new((long)value);

    /// <summary>Integers.</summary>
    public static implicit operator AttributeValue(long[] values) => new(ImmutableArray.Create(values));

    /// <summary>Integers.</summary>
    public static implicit operator AttributeValue(ReadOnlySpan<long> values) => new(ImmutableArray.Create(values));

    /// <summary>Integers.</summary>
    public static implicit operator AttributeValue(ImmutableArray<long> values) => new(values);

    /// <summary>Floats.</summary>
    public static implicit operator AttributeValue(float[] values) => new(ImmutableArray.Create(values));

    /// <summary>Floats.</summary>
    public static implicit operator AttributeValue(ImmutableArray<float> values) => new(values);

    /// <summary>Texts.</summary>
    public static implicit operator AttributeValue(string[] values) => new(ImmutableArray.Create(values));

    /// <summary>Texts.</summary>
    public static implicit operator AttributeValue(ImmutableArray<string> values) => new(values);

    /// <summary>A list of integers several times over.</summary>
    internal static object Repeat(ReadOnlySpan<long> values, int times)
    {
        var list = ImmutableArray.CreateBuilder<long>(values.Length * times);
        for (int i = 0; i < times; i++)
            list.AddRange(values);
        return list.MoveToImmutable();
    }

    /// <summary>Attributes by name.</summary>
    /// <exception cref="ArgumentException">A name is given twice.</exception>
    internal static Attributes Collect(ReadOnlySpan<(string Name, AttributeValue Value)> attributes)
    {
        Attributes result = Attributes.Empty;
        foreach ((string name, AttributeValue value) in attributes)
            result = result.Has(name) ? throw new ArgumentException($"attribute '{name}' is given twice") : result.With(name, value.Value);
        return result;
    }
}
