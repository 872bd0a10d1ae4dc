using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Elements of every type as doubles: like <see cref="ElementAccess"/>, and packed integers and raw 8-bit types besides.</summary>
internal static unsafe class ElementCodec
{
    /// <summary>True if the doubles are the elements' values, so that an oracle can compute with them.</summary>
    public static bool HasValues(DType type) => ElementAccess.CanReadAsDouble(type) || type is DType.Int4 or DType.UInt4 or DType.Int2 or DType.UInt2;

    /// <summary>Stores element <paramref name="i"/>.</summary>
    public static void Write(byte* p, DType type, long i, double value)
    {
        if (ElementAccess.CanReadAsDouble(type))
        {
            ElementAccess.Write(p, type, i, value);
            return;
        }
        switch (type)
        {
            case DType.Complex64:
                ((float*)p)[2 * i] = (float)value;
                ((float*)p)[2 * i + 1] = (float)(1 - value / 2);
                break;
            case DType.Complex128:
                ((double*)p)[2 * i] = value;
                ((double*)p)[2 * i + 1] = 1 - value / 2;
                break;
            default:
                int bits = type.BitsPerElement();
                int shift = (int)(i * bits % 8);
                int mask = ((1 << bits) - 1) << shift;
                byte* at = p + i * bits / 8;
                *at = (byte)((*at & ~mask) | (((int)value << shift) & mask));
                break;
        }
    }

    /// <summary>Reads element <paramref name="i"/> of a type that <see cref="HasValues"/>.</summary>
    public static double Read(byte* p, DType type, long i)
    {
        if (ElementAccess.CanReadAsDouble(type))
            return ElementAccess.Read(p, type, i);
        int bits = type.BitsPerElement();
        int raw = (p[i * bits / 8] >> (int)(i * bits % 8)) & ((1 << bits) - 1);
        bool negative = type is DType.Int4 or DType.Int2 && raw >> (bits - 1) != 0;
        return negative ? raw - (1 << bits) : raw;
    }
}
