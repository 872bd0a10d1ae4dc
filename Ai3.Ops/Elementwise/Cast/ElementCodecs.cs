using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Element types without arithmetic of their own, read into and written from float32 or int64.</summary>
internal static unsafe class ElementCodecs
{
    /// <summary>The type that stands for another in arithmetic: float32 for float8 and float4, int64 for packed integers, itself otherwise.</summary>
    public static DType Carrier(DType type) => type switch
    {
        DType.Float8E4M3FN or DType.Float8E4M3FNUZ or DType.Float8E5M2 or DType.Float8E5M2FNUZ or DType.Float8E8M0 or DType.Float4E2M1 => DType.Float32,
        DType.UInt4 or DType.Int4 or DType.UInt2 or DType.Int2 => DType.Int64,
        _ => type,
    };

    /// <summary>Reads elements into their carrier type; <paramref name="source"/> is where a whole byte begins.</summary>
    public static void Decode(DType type, byte* source, void* to, nint count)
    {
        if (Float8Format.Of(type) is { } format)
        {
            ReadOnlySpan<float> values = format.Values;
            var y = (float*)to;
            int bits = type.BitsPerElement();
            for (nint i = 0; i < count; i++)
                y[i] = values[bits == 8 ? source[i] : source[i >> 1] >> (int)(i & 1) * 4 & 15];
        }
        else if (type == DType.Float8E8M0)
            for (nint i = 0; i < count; i++)
                ((float*)to)[i] = source[i] == 0xFF ? float.NaN : MathF.ScaleB(1, source[i] - 127);
        else
            DecodePacked(source, (long*)to, count, type.BitsPerElement(), type is DType.Int4 or DType.Int2);
    }

    /// <summary>Writes elements from their carrier type; the unused bits of a last byte are zeros.</summary>
    public static void Encode(CastProblem problem, void* source, byte* to, nint count)
    {
        DType type = problem.Output.Type;
        if (Float8Format.Of(type) is { } format)
        {
            var x = (float*)source;
            if (type.BitsPerElement() == 8)
                for (nint i = 0; i < count; i++)
                    to[i] = (byte)format.Encode(x[i], problem.Saturate);
            else
                for (nint i = 0; i < count; i += 2)
                    to[i >> 1] = (byte)(format.Encode(x[i], true) | (i + 1 < count ? format.Encode(x[i + 1], true) << 4 : 0));
        }
        else if (type == DType.Float8E8M0)
            for (nint i = 0; i < count; i++)
                to[i] = EncodeScale(((float*)source)[i], problem);
        else
            EncodePacked((long*)source, to, count, type.BitsPerElement());
    }

    private static void DecodePacked(byte* source, long* to, nint count, int bits, bool signed)
    {
        int perByte = 8 / bits, mask = (1 << bits) - 1, half = 1 << (bits - 1);
        for (nint i = 0; i < count; i++)
        {
            int value = source[i / perByte] >> (int)(i % perByte) * bits & mask;
            to[i] = signed && value >= half ? value - mask - 1 : value;
        }
    }

    // The low bits, as in casts between whole-byte integers.
    private static void EncodePacked(long* source, byte* to, nint count, int bits)
    {
        int perByte = 8 / bits;
        long mask = (1L << bits) - 1;
        for (nint i = 0; i < count; i += perByte)
        {
            long cell = 0;
            for (int j = 0; j < perByte && i + j < count; j++)
                cell |= (source[i + j] & mask) << j * bits;
            to[i / perByte] = (byte)cell;
        }
    }

    private static byte EncodeScale(float x, CastProblem problem)
    {
        if (float.IsNaN(x))
            return 0xFF;
        double magnitude = Math.Abs((double)x);
        int overflow = problem.Saturate ? 0xFE : 0xFF;
        if (double.IsInfinity(magnitude))
            return (byte)overflow;
        if (magnitude <= Math.ScaleB(1, -127))
            return 0;
        int exponent = Math.ILogB(magnitude);
        double fraction = Math.ScaleB(magnitude, -exponent);
        bool up = problem.Rounding switch { ScaleRounding.Up => fraction > 1, ScaleRounding.Nearest => fraction >= 1.5, _ => false };
        int code = exponent + 127 + (up ? 1 : 0);
        return (byte)(code > 0xFE ? overflow : code);
    }
}
