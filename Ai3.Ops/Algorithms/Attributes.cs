using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>A node's attributes by name: numbers, strings, tensors and lists of them. Immutable.</summary>
/// <remarks>
/// Value types: <see cref="long"/>, <see cref="float"/>, <see cref="string"/>, <see cref="Tensor"/>,
/// <see cref="ImmutableArray{T}"/> of long, float and string. Subgraphs are the node's, not the operator's.
/// </remarks>
public sealed class Attributes(ImmutableSortedDictionary<string, object> values)
{
    /// <summary>No attributes.</summary>
    public static Attributes Empty { get; } = new(ImmutableSortedDictionary.Create<string, object>(StringComparer.Ordinal));

    /// <summary>Names and values, sorted by name.</summary>
    public ImmutableSortedDictionary<string, object> Values => values;

    /// <summary>True if the attribute is given.</summary>
    public bool Has(string name) => values.ContainsKey(name);

    /// <summary>A copy with one attribute set.</summary>
    public Attributes With(string name, object value) => new(values.SetItem(name, value));

    /// <summary>A copy without one attribute.</summary>
    public Attributes Without(string name) => new(values.Remove(name));

    /// <summary>An integer.</summary>
    public long Int(string name, long fallback) => Get<long>(name, "an integer", out long value) ? value : fallback;

    /// <summary>An integer that must be given.</summary>
    public long Int(string name) => Get<long>(name, "an integer", out long value) ? value : throw Missing(name);

    /// <summary>An integer used as a yes or no.</summary>
    public bool Flag(string name, bool fallback = false) => Int(name, fallback ? 1 : 0) != 0;

    /// <summary>A float.</summary>
    public float Float(string name, float fallback) => Get<float>(name, "a float", out float value) ? value : fallback;

    /// <summary>A float that must be given.</summary>
    public float Float(string name) => Get<float>(name, "a float", out float value) ? value : throw Missing(name);

    /// <summary>A string.</summary>
    public string String(string name, string fallback) => Get<string>(name, "a string", out string? value) ? value! : fallback;

    /// <summary>A string that must be given.</summary>
    public string String(string name) => Get<string>(name, "a string", out string? value) ? value! : throw Missing(name);

    /// <summary>Integers; the default array if not given.</summary>
    public ImmutableArray<long> Ints(string name) => Get<ImmutableArray<long>>(name, "a list of integers", out var value) ? value : default;

    /// <summary>Floats; the default array if not given.</summary>
    public ImmutableArray<float> Floats(string name) => Get<ImmutableArray<float>>(name, "a list of floats", out var value) ? value : default;

    /// <summary>Strings; the default array if not given.</summary>
    public ImmutableArray<string> Strings(string name) => Get<ImmutableArray<string>>(name, "a list of strings", out var value) ? value : default;

    /// <summary>A tensor; null if not given.</summary>
    public Tensor? Tensor(string name) => Get<Tensor>(name, "a tensor", out Tensor? value) ? value : null;

    private bool Get<T>(string name, string what, out T? value)
    {
        value = default;
        if (!values.TryGetValue(name, out object? found))
            return false;
        if (found is T typed)
        {
            value = typed;
            return true;
        }
        // An empty list carries no element type in a file.
        if (found is ImmutableArray<long> { Length: 0 } && typeof(T) != typeof(long) && typeof(T).IsGenericType)
            return false;
        throw new OpException($"attribute {name} is {Describe(found)}, must be {what}");
    }

    private static OpException Missing(string name) => new($"attribute {name} is missing");

    private static string Describe(object value) => value switch
    {
        long => "an integer",
        float => "a float",
        string => "a string",
        Ai3.Tensors.Tensor => "a tensor",
        ImmutableArray<long> => "a list of integers",
        ImmutableArray<float> => "a list of floats",
        ImmutableArray<string> => "a list of strings",
        _ => value.GetType().Name,
    };
}
