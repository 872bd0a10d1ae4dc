namespace Ai3.Tensors;

/// <summary>The elements of 2- and 4-bit types, which share bytes: element 0 in the lowest bits of byte 0.</summary>
public static class PackedElements
{
    /// <summary>Element <paramref name="index"/>: its value for integers, its code for <see cref="DType.Float4E2M1"/>.</summary>
    public static int Read(ReadOnlySpan<byte> bytes, DType type, int index)
    {
        (int perByte, int bits) = Layout(type);
        int code = bytes[index / perByte] >> index % perByte * bits & ((1 << bits) - 1);
        return IsSigned(type) && code >> (bits - 1) != 0 ? code - (1 << bits) : code;
    }

    /// <summary>Sets element <paramref name="index"/>; its neighbours stay.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type does not hold the value.</exception>
    public static void Write(Span<byte> bytes, DType type, int index, int value)
    {
        (int perByte, int bits) = Layout(type);
        int low = IsSigned(type) ? -(1 << (bits - 1)) : 0;
        ArgumentOutOfRangeException.ThrowIfLessThan(value, low);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, low + (1 << bits) - 1);
        int shift = index % perByte * bits, mask = (1 << bits) - 1;
        ref byte cell = ref bytes[index / perByte];
        cell = (byte)(cell & ~(mask << shift) | (value & mask) << shift);
    }

    private static bool IsSigned(DType type) => type is DType.Int4 or DType.Int2;

    private static (int PerByte, int Bits) Layout(DType type) =>
        type.IsPacked() ? (8 / type.BitsPerElement(), type.BitsPerElement()) : throw new ArgumentException($"{type.ShortName()} does not share bytes", nameof(type));
}
