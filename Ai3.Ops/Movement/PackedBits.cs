using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Copies single elements of any type that has an address, 2- and 4-bit ones included. Plain, for references.</summary>
internal static unsafe class PackedBits
{
    /// <summary>Copies element <paramref name="from"/> of the source to element <paramref name="to"/> of the destination.</summary>
    public static void CopyElement(byte* source, long from, byte* destination, long to, DType type)
    {
        int bits = type.BitsPerElement();
        if (bits >= 8)
        {
            for (int b = 0; b < bits / 8; b++)
                destination[to * (bits / 8) + b] = source[from * (bits / 8) + b];
            return;
        }
        int perByte = 8 / bits;
        int mask = (1 << bits) - 1;
        int value = source[from / perByte] >> (int)(from % perByte) * bits & mask;
        int shift = (int)(to % perByte) * bits;
        byte* cell = destination + to / perByte;
        *cell = (byte)(*cell & ~(mask << shift) | value << shift);
    }

    /// <summary>Zeros the last, partly used byte of a packed tensor, so that its unused bits do not depend on old memory.</summary>
    public static void ClearLastByte(byte* destination, long count, DType type)
    {
        if (type.IsPacked() && count > 0)
            destination[type.ByteCount(count) - 1] = 0;
    }
}
