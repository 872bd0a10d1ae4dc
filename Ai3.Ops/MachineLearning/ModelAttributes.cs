using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Reads the lists of model attributes, checked for length and range.</summary>
internal static class ModelAttributes
{
    /// <summary>Floats, or the tensor of the same name with <c>_as_tensor</c>; empty if neither is given.</summary>
    public static double[] Doubles(Attributes attributes, string name)
    {
        if (attributes.Has(name + "_as_tensor"))
            return attributes.Has(name) && attributes.Floats(name) is { IsDefaultOrEmpty: false }
                ? throw new OpException($"give either {name} or {name}_as_tensor") : Numbers(attributes, name + "_as_tensor");
        ImmutableArray<float> floats = attributes.Floats(name);
        return floats.IsDefault ? [] : [.. floats];
    }

    /// <summary>The elements of a float tensor; empty if it is not given.</summary>
    public static double[] Numbers(Attributes attributes, string name) => attributes.Tensor(name) switch
    {
        null => [],
        { Type: DType.Float32 } t => Array.ConvertAll(t.AsSpan<float>().ToArray(), v => (double)v),
        { Type: DType.Float64 } t => t.AsSpan<double>().ToArray(),
        { Type: DType.Float16 } t => Array.ConvertAll(t.AsSpan<Half>().ToArray(), v => (double)v),
        Tensor t => throw new OpException($"attribute {name} is {t.Type.ShortName()}, must be floats"),
    };

    /// <summary>Integers; empty if they are not given.</summary>
    public static long[] Ints(Attributes attributes, string name)
    {
        ImmutableArray<long> values = attributes.Ints(name);
        return values.IsDefault ? [] : [.. values];
    }

    /// <summary>Integers, each in [0, count).</summary>
    public static int[] Indices(Attributes attributes, string name, long count) =>
        Array.ConvertAll(Ints(attributes, name), v => v >= 0 && v < count ? (int)v : throw new OpException($"{name} has {v}, must be in [0, {count})"));

    /// <summary>Refuses lists of different lengths.</summary>
    public static void RequireLength(string name, int length, int wanted, string like)
    {
        if (length != wanted)
            throw new OpException($"{name} has {length} entries, must have {wanted} like {like}");
    }
}
