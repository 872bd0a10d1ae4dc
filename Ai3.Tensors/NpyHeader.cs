using System.Globalization;

namespace Ai3.Tensors;

/// <summary>The dictionary at the start of a .npy file, such as <c>{'descr': '&lt;f4', 'fortran_order': False, 'shape': (2, 3), }</c>.</summary>
/// <param name="Type">The element type.</param>
/// <param name="Shape">The dimensions.</param>
/// <param name="IsFortranOrder">Whether the first axis varies fastest.</param>
/// <param name="IsBigEndian">Whether the bytes of an element are in reverse.</param>
/// <param name="Characters">Characters of a string, 4 bytes each; 0 for other types.</param>
internal sealed record NpyHeader(DType Type, Shape Shape, bool IsFortranOrder, bool IsBigEndian, int Characters)
{
    /// <summary>Bytes of the elements.</summary>
    /// <exception cref="ShapeException">They do not fit in 63 bits.</exception>
    public long ByteCount => ShapeMath.Multiply(Shape.Count, Type == DType.String ? 4L * Characters : Type.ByteSize());

    /// <summary>Bytes of a number; of each part for complex ones.</summary>
    public int PartSize => Type is DType.Complex64 or DType.Complex128 ? Type.ByteSize() / 2 : Type.ByteSize();

    /// <summary>NumPy's name of a type, little-endian, or null.</summary>
    public static string? Descriptor(DType type) => type switch
    {
        DType.Bool => "|b1",
        DType.Int8 => "|i1",
        DType.UInt8 => "|u1",
        DType.Int16 => "<i2",
        DType.UInt16 => "<u2",
        DType.Int32 => "<i4",
        DType.UInt32 => "<u4",
        DType.Int64 => "<i8",
        DType.UInt64 => "<u8",
        DType.Float16 => "<f2",
        DType.Float32 => "<f4",
        DType.Float64 => "<f8",
        DType.Complex64 => "<c8",
        DType.Complex128 => "<c16",
        _ => null,
    };

    /// <summary>The dictionary of a tensor in row-major order.</summary>
    public static string Text(DType type, Shape shape, int characters)
    {
        string dims = shape.Rank == 1 ? $"{shape[0]}," : string.Join(", ", shape);
        return $"{{'descr': '{(type == DType.String ? $"<U{characters}" : Descriptor(type))}', 'fortran_order': False, 'shape': ({dims}), }}";
    }

    /// <exception cref="InvalidDataException">The text is no such dictionary, or names a type that no tensor has.</exception>
    public static NpyHeader Parse(string text)
    {
        string descriptor = Between(Value(text, "descr"), '\'', '\'');
        string order = Value(text, "fortran_order");
        bool fortran = order.StartsWith("True", StringComparison.Ordinal);
        if (!fortran && !order.StartsWith("False", StringComparison.Ordinal))
            throw new InvalidDataException("fortran_order is neither True nor False");
        (DType type, int characters) = TypeOf(descriptor);
        return new NpyHeader(type, ParseShape(Between(Value(text, "shape"), '(', ')')), fortran, descriptor[0] == '>', characters);
    }

    private static string Value(string text, string key)
    {
        int at = text.IndexOf($"'{key}':", StringComparison.Ordinal);
        return at >= 0 ? text[(at + key.Length + 3)..].TrimStart() : throw new InvalidDataException($"its header has no '{key}'");
    }

    private static string Between(string text, char open, char close)
    {
        int end = text.Length > 0 && text[0] == open ? text.IndexOf(close, 1) : -1;
        return end > 0 ? text[1..end] : throw new InvalidDataException($"its header has '{text[..Math.Min(text.Length, 20)]}' where {open}...{close} is wanted");
    }

    private static (DType Type, int Characters) TypeOf(string descriptor)
    {
        if (descriptor.Length >= 3 && "<>|=".Contains(descriptor[0]))
        {
            string kind = descriptor[1..];
            foreach (DType type in Enum.GetValues<DType>())
                if (Descriptor(type) is { } name && name[1..] == kind)
                    return (type, 0);
            if (kind[0] == 'U' && int.TryParse(kind.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out int characters) && characters is > 0 and < 1 << 24)
                return (DType.String, characters);
        }
        throw new InvalidDataException($"its elements are '{descriptor}', which no tensor holds");
    }

    private static Shape ParseShape(string text)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var dims = new long[parts.Length];
        for (int i = 0; i < dims.Length; i++)
            if (!long.TryParse(parts[i].TrimEnd('L'), NumberStyles.None, CultureInfo.InvariantCulture, out dims[i]))
                throw new InvalidDataException($"its shape is ({text}), not a list of numbers");
        return Shape.Create(dims);
    }
}
