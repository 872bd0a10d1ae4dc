using System.Globalization;
using System.Numerics;
using Ai3.Tensors;

namespace Ai3.Cli;

/// <summary>Reads elements of any type one at a time, for comparing and printing.</summary>
/// <param name="tensor">A tensor in row-major order.</param>
internal readonly struct Elements(Tensor tensor)
{
    /// <summary>True for types whose values are real numbers with a fraction.</summary>
    public static bool IsReal(DType type) => type.IsFloat() || type is DType.Float8E4M3FN or DType.Float8E4M3FNUZ or DType.Float8E5M2
        or DType.Float8E5M2FNUZ or DType.Float8E8M0 or DType.Float4E2M1;

    /// <summary>True for types whose values are integers, packed ones included, or booleans.</summary>
    public static bool IsWhole(DType type) => type.IsInteger() || type is DType.Bool or DType.UInt4 or DType.Int4 or DType.UInt2 or DType.Int2;

    /// <summary>Element <paramref name="i"/> of a real type.</summary>
    public double Real(int i) => tensor.Type switch
    {
        DType.Float32 => tensor.AsSpan<float>()[i],
        DType.Float64 => tensor.AsSpan<double>()[i],
        DType.Float16 => (double)tensor.AsSpan<Half>()[i],
        DType.BFloat16 => tensor.AsSpan<BFloat16>()[i],
        DType.Float4E2M1 => SmallFloat.DecodeE2M1(PackedElements.Read(tensor.AsBytes(), tensor.Type, i)),
        _ => SmallFloat.Decode(tensor.Type, tensor.AsBytes()[i]),
    };

    /// <summary>Element <paramref name="i"/> of an integer or boolean type.</summary>
    public Int128 Whole(int i) => tensor.Type switch
    {
        DType.UInt8 or DType.Bool => tensor.AsBytes()[i],
        DType.Int8 => tensor.AsSpan<sbyte>()[i],
        DType.UInt16 => tensor.AsSpan<ushort>()[i],
        DType.Int16 => tensor.AsSpan<short>()[i],
        DType.UInt32 => tensor.AsSpan<uint>()[i],
        DType.Int32 => tensor.AsSpan<int>()[i],
        DType.UInt64 => tensor.AsSpan<ulong>()[i],
        DType.Int64 => tensor.AsSpan<long>()[i],
        DType.UInt4 or DType.Int4 or DType.UInt2 or DType.Int2 => PackedElements.Read(tensor.AsBytes(), tensor.Type, i),
        _ => throw new ArgumentException($"{tensor.Type.ShortName()} is not an integer type"),
    };

    /// <summary>Element <paramref name="i"/> of a complex type.</summary>
    public Complex Complex(int i)
    {
        if (tensor.Type != DType.Complex64)
            return tensor.AsSpan<Complex>()[i];
        Complex64 value = tensor.AsSpan<Complex64>()[i];
        return new Complex(value.Real, value.Imaginary);
    }

    /// <summary>Element <paramref name="i"/> as text; floats with as many digits as tell them apart.</summary>
    public string Text(int i) => tensor.Type switch
    {
        DType.String => Quoted(tensor.AsStrings()[i]),
        DType.Bool => tensor.AsBytes()[i] != 0 ? "true" : "false",
        DType.Float32 => tensor.AsSpan<float>()[i].ToString(CultureInfo.InvariantCulture),
        DType.Float16 => tensor.AsSpan<Half>()[i].ToString(CultureInfo.InvariantCulture),
        DType.Complex64 or DType.Complex128 => Complex(i).ToString(CultureInfo.InvariantCulture),
        _ when IsWhole(tensor.Type) => Whole(i).ToString(CultureInfo.InvariantCulture),
        _ => Real(i).ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Quoted(string text)
    {
        string shown = text.Length > 60 ? string.Concat(text.AsSpan(0, 57), "...") : text;
        return $"\"{string.Concat(shown.Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString()))}\"";
    }
}
