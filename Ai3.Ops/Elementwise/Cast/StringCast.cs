using System.Globalization;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Casts from and to strings: plain and scientific notation, NaN and INF with a sign, letters of either case.</summary>
internal static class StringCast
{
    /// <summary>Reads numbers.</summary>
    /// <exception cref="OpException">A string is no number of the type.</exception>
    public static unsafe Tensor FromStrings(Tensor strings, DType type)
    {
        if (!ElementAccess.CanReadAsDouble(type))
            throw new OpUnsupportedException($"casts from string to {type.ShortName()} are not supported");
        var result = Tensor.Allocate(type, strings.Shape);
        Span<string> texts = strings.AsStrings();
        for (int i = 0; i < texts.Length; i++)
        {
            if (type.IsInteger())
                WriteInteger(result, i, texts[i]);
            else
                ElementAccess.Write((void*)result.Address, type, i, Real(texts[i], type, i));
        }
        return result;
    }

    /// <summary>Writes numbers: integers in decimal, floats by the shortest text that reads back, truth values as 1 and 0.</summary>
    public static unsafe Tensor ToStrings(Tensor tensor)
    {
        if (!ElementAccess.CanReadAsDouble(tensor.Type))
            throw new OpUnsupportedException($"casts from {tensor.Type.ShortName()} to string are not supported");
        var texts = new string[tensor.Count];
        var address = (void*)tensor.Address;
        for (int i = 0; i < texts.Length; i++)
            texts[i] = tensor.Type switch
            {
                DType.Int64 => ((long*)address)[i].ToString(CultureInfo.InvariantCulture),
                DType.UInt64 => ((ulong*)address)[i].ToString(CultureInfo.InvariantCulture),
                DType.Float64 => Text(((double*)address)[i], ((double*)address)[i].ToString("R", CultureInfo.InvariantCulture)),
                DType.Float16 => Text((double)((Half*)address)[i], ((Half*)address)[i].ToString(CultureInfo.InvariantCulture)),
                _ => ElementAccess.Read(address, tensor.Type, i) is var value && tensor.Type.IsFloat()
                    ? Text(value, ((float)value).ToString("R", CultureInfo.InvariantCulture)) : ((long)ElementAccess.Read(address, tensor.Type, i)).ToString(CultureInfo.InvariantCulture),
            };
        GC.KeepAlive(tensor);
        return Tensor.From(texts, tensor.Shape);
    }

    private static string Text(double value, string finite) =>
        double.IsNaN(value) ? "NaN" : double.IsPositiveInfinity(value) ? "INF" : double.IsNegativeInfinity(value) ? "-INF" : finite;

    private static double Real(string text, DType type, int index)
    {
        string trimmed = text.Trim();
        switch (trimmed.ToUpperInvariant())
        {
            case "NAN" or "+NAN" or "-NAN": return double.NaN;
            case "INF" or "+INF" or "INFINITY" or "+INFINITY": return double.PositiveInfinity;
            case "-INF" or "-INFINITY": return double.NegativeInfinity;
            case "TRUE" when type == DType.Bool: return 1;
            case "FALSE" when type == DType.Bool: return 0;
        }
        // Read in the type itself: a detour through double would round twice.
        if (type == DType.Float32 && float.TryParse(trimmed, NumberStyles.Float, CultureInfo.InvariantCulture, out float single))
            return single;
        return double.TryParse(trimmed, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : throw NoNumber(text, type, index);
    }

    private static unsafe void WriteInteger(Tensor result, int index, string text)
    {
        if (!Int128.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out Int128 value) || !Fits(value, result.Type))
            throw NoNumber(text, result.Type, index);
        var p = (void*)result.Address;
        switch (result.Type.ByteSize())
        {
            case 1: ((byte*)p)[index] = unchecked((byte)value); break;
            case 2: ((ushort*)p)[index] = unchecked((ushort)value); break;
            case 4: ((uint*)p)[index] = unchecked((uint)value); break;
            default: ((ulong*)p)[index] = unchecked((ulong)value); break;
        }
    }

    private static bool Fits(Int128 value, DType type)
    {
        int bits = type.BitsPerElement();
        return TypeSet.Unsigned.Has(type) ? value >= 0 && value >> bits == 0 : value >> (bits - 1) is var high && (high == 0 || high == -1);
    }

    private static OpException NoNumber(string text, DType type, int index) =>
        new($"element {index} is \"{(text.Length > 40 ? text[..40] + "..." : text)}\", which is no {type.ShortName()}");
}
