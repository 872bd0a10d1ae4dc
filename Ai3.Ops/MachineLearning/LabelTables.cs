using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Reads the tables of LabelEncoder and CategoryMapper.</summary>
internal static class LabelTables
{
    /// <summary>LabelEncoder 1: strings to their places in classes_strings, or places to strings.</summary>
    public static LabelMap ReadClasses(Attributes attributes, DType type)
    {
        ImmutableArray<string> classes = attributes.Strings("classes_strings");
        Tensor texts = Tensor.From(classes.IsDefault ? [] : [.. classes], [classes.IsDefault ? 0 : classes.Length]);
        Tensor places = Tensor.Copy<long>([.. Enumerable.Range(0, (int)texts.Count).Select(i => (long)i)], [texts.Count]);
        return Either(attributes, type, texts, places);
    }

    /// <summary>CategoryMapper: cats_strings to cats_int64s, or the other way.</summary>
    public static LabelMap ReadCategories(Attributes attributes, DType type)
    {
        ImmutableArray<string> texts = attributes.Strings("cats_strings");
        long[] integers = ModelAttributes.Ints(attributes, "cats_int64s");
        string[] list = texts.IsDefault ? [] : [.. texts];
        ModelAttributes.RequireLength("cats_int64s", integers.Length, list.Length, "cats_strings");
        return Either(attributes, type, Tensor.From(list, [list.Length]), Tensor.Copy<long>(integers, [integers.Length]));
    }

    /// <summary>LabelEncoder from opset 2: lists of keys and values of a type each, from opset 4 also tensors.</summary>
    public static LabelMap ReadKeys(Attributes attributes, DType type)
    {
        Tensor keys = OneOf(attributes, "keys"), values = OneOf(attributes, "values");
        Tensor other = values.Type switch
        {
            _ when attributes.Tensor("default_tensor") is { } given => given,
            DType.String => Tensor.From([attributes.String("default_string", "_Unused")], [1]),
            DType.Int64 => Tensor.Copy<long>([attributes.Int("default_int64", -1)], [1]),
            DType.Float32 => Tensor.Copy<float>([attributes.Float("default_float", -0f)], [1]),
            DType.Float64 => Tensor.Copy<double>([-0.0], [1]),
            DType.Int32 => Tensor.Copy<int>([-1], [1]),
            DType.Int16 => Tensor.Copy<short>([-1], [1]),
            DType other2 => throw new OpException($"values are {other2.ShortName()}, must be string, i64, f32, i32, i16 or f64"),
        };
        if (other.Type != values.Type || other.Count != 1)
            throw new OpException($"default_tensor is {other}, must be one {values.Type.ShortName()} like the values");
        return new LabelMap(keys, LabelMap.WithDefault(values, other));
    }

    private static LabelMap Either(Attributes attributes, DType type, Tensor texts, Tensor integers) => type switch
    {
        DType.String => new LabelMap(texts, LabelMap.WithDefault(integers, Tensor.Copy<long>([attributes.Int("default_int64", -1)], [1]))),
        DType.Int64 => new LabelMap(integers, LabelMap.WithDefault(texts, Tensor.From([attributes.String("default_string", "_Unused")], [1]))),
        _ => throw new OpException($"input 0 is {type.ShortName()}, must be string or i64"),
    };

    private static Tensor OneOf(Attributes attributes, string what)
    {
        Tensor?[] given =
        [
            attributes.Strings(what + "_strings") is { IsDefaultOrEmpty: false } s ? Tensor.From([.. s], [s.Length]) : null,
            attributes.Ints(what + "_int64s") is { IsDefaultOrEmpty: false } i ? Tensor.Copy(i.AsSpan(), [i.Length]) : null,
            attributes.Floats(what + "_floats") is { IsDefaultOrEmpty: false } f ? Tensor.Copy(f.AsSpan(), [f.Length]) : null,
            attributes.Tensor(what + "_tensor"),
        ];
        if (given.Count(t => t is not null) != 1)
            throw new OpException($"exactly one of {what}_strings, {what}_int64s, {what}_floats and {what}_tensor must be given");
        Tensor tensor = given.First(t => t is not null)!;
        return tensor.Type is DType.String or DType.Int64 or DType.Float32 or DType.Int32 or DType.Int16 or DType.Float64 && tensor.Shape.Rank == 1 ? tensor
            : throw new OpException($"{what} are {tensor}, must be a list of string, i64, f32, i32, i16 or f64");
    }
}
