using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Single elements of quantised and real types. Plain, for references and for the few numbers a kernel reads once a run.</summary>
internal static unsafe class QuantizedElement
{
    /// <summary>An element's value.</summary>
    public static double Read(void* p, DType type, long i)
    {
        if (ElementAccess.CanReadAsDouble(type))
            return ElementAccess.Read(p, type, i);
        var bytes = (byte*)p;
        if (type == DType.Float8E8M0)
            return bytes[i] == 0xFF ? double.NaN : Math.ScaleB(1, bytes[i] - 127);
        int bits = type.BitsPerElement(), perByte = 8 / bits;
        int code = bytes[i / perByte] >> (int)(i % perByte) * bits & (1 << bits) - 1;
        if (Float8Format.Of(type) is { } format)
            return format.Values[code];
        return type is DType.Int4 or DType.Int2 && code >> (bits - 1) != 0 ? code - (1 << bits) : code;
    }

    /// <summary>Stores the bits of an element of 16 bits or fewer; those that share its byte stay.</summary>
    public static void WriteCode(void* p, DType type, long i, int code)
    {
        int bits = type.BitsPerElement();
        if (bits == 16)
        {
            ((ushort*)p)[i] = (ushort)code;
            return;
        }
        int perByte = 8 / bits, shift = (int)(i % perByte) * bits, mask = (1 << bits) - 1 << shift;
        byte* cell = (byte*)p + i / perByte;
        *cell = (byte)(*cell & ~mask | code << shift & mask);
    }

    /// <summary>The lowest and highest value of an integer type.</summary>
    public static (int Low, int High) Range(DType type)
    {
        int bits = type.BitsPerElement();
        return type is DType.UInt8 or DType.UInt16 or DType.UInt4 or DType.UInt2 ? (0, (1 << bits) - 1) : (-(1 << bits - 1), (1 << bits - 1) - 1);
    }
}
