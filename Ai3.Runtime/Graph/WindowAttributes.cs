using Ai3.Ops;

namespace Ai3.Runtime;

/// <summary>Attributes of sliding windows from the short forms that callers may write.</summary>
internal static class WindowAttributes
{
    /// <summary>A number for each spatial axis; one number stands for all; none leaves the attribute out.</summary>
    public static Attributes WithAxes(this Attributes attributes, string name, ReadOnlySpan<long> values, int axes) => values.Length switch
    {
        0 => attributes,
        1 => attributes.With(name, AttributeValue.Repeat(values, axes)),
        _ => attributes.With(name, ((AttributeValue)values).Value),
    };

    /// <summary>Padding before each axis, then after each; one number stands for all sides, one a spatial axis for both of its sides.</summary>
    public static Attributes WithPads(this Attributes attributes, ReadOnlySpan<long> values, int axes) => values.Length switch
    {
        0 => attributes,
        1 => attributes.With("pads", AttributeValue.Repeat(values, 2 * axes)),
        _ => attributes.With("pads", AttributeValue.Repeat(values, values.Length == axes ? 2 : 1)),
    };

    /// <summary>An attribute that is left out where it has its default.</summary>
    public static Attributes WithUnless<T>(this Attributes attributes, string name, T value, T standard) where T : notnull =>
        EqualityComparer<T>.Default.Equals(value, standard) ? attributes : attributes.With(name, value);
}
