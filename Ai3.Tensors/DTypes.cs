namespace Ai3.Tensors;

/// <summary>Facts about element types.</summary>
public static class DTypes
{
    /// <summary>Bits an element takes in memory; 0 for <see cref="DType.String"/> and <see cref="DType.Undefined"/>.</summary>
    public static int BitsPerElement(this DType type) => type switch
    {
        DType.Float64 or DType.Int64 or DType.UInt64 or DType.Complex64 => 64,
        DType.Complex128 => 128,
        DType.Float32 or DType.Int32 or DType.UInt32 => 32,
        DType.Float16 or DType.BFloat16 or DType.Int16 or DType.UInt16 => 16,
        DType.UInt8 or DType.Int8 or DType.Bool or DType.Float8E4M3FN or DType.Float8E4M3FNUZ or DType.Float8E5M2
            or DType.Float8E5M2FNUZ or DType.Float8E8M0 => 8,
        DType.UInt4 or DType.Int4 or DType.Float4E2M1 => 4,
        DType.UInt2 or DType.Int2 => 2,
        _ => 0,
    };

    /// <summary>Bytes that <paramref name="elements"/> elements take, packed types rounded up to a whole byte.</summary>
    /// <exception cref="OverflowException">The byte count does not fit in 63 bits.</exception>
    public static long ByteCount(this DType type, long elements)
    {
        int bits = type.BitsPerElement();
        return bits >= 8 ? checked(elements * (bits / 8)) : checked((elements * bits + 7) / 8);
    }

    /// <summary>Whole bytes of one element; 0 for packed, string and undefined types.</summary>
    public static int ByteSize(this DType type) => type.BitsPerElement() / 8;

    /// <summary>True for 2- and 4-bit types, which share bytes.</summary>
    public static bool IsPacked(this DType type) => type.BitsPerElement() is 2 or 4;

    /// <summary>True for the real floating-point types of 16 bits and more.</summary>
    public static bool IsFloat(this DType type) => type is DType.Float32 or DType.Float64 or DType.Float16 or DType.BFloat16;

    /// <summary>True for whole-byte signed and unsigned integers.</summary>
    public static bool IsInteger(this DType type) => type is DType.UInt8 or DType.Int8 or DType.UInt16 or DType.Int16 or DType.Int32
        or DType.Int64 or DType.UInt32 or DType.UInt64;

    /// <summary>True if the value names an element type.</summary>
    public static bool IsDefined(this DType type) => type is > DType.Undefined and <= DType.Int2;

    /// <summary>The short name used in problem keys and printed plans, such as <c>f32</c> or <c>i64</c>.</summary>
    public static string ShortName(this DType type) => type switch
    {
        DType.Float32 => "f32",
        DType.Float64 => "f64",
        DType.Float16 => "f16",
        DType.BFloat16 => "bf16",
        DType.Int8 => "i8",
        DType.Int16 => "i16",
        DType.Int32 => "i32",
        DType.Int64 => "i64",
        DType.UInt8 => "u8",
        DType.UInt16 => "u16",
        DType.UInt32 => "u32",
        DType.UInt64 => "u64",
        DType.Bool => "bool",
        DType.String => "string",
        DType.Complex64 => "c64",
        DType.Complex128 => "c128",
        DType.Float8E4M3FN => "f8e4m3fn",
        DType.Float8E4M3FNUZ => "f8e4m3fnuz",
        DType.Float8E5M2 => "f8e5m2",
        DType.Float8E5M2FNUZ => "f8e5m2fnuz",
        DType.Float8E8M0 => "f8e8m0",
        DType.Float4E2M1 => "f4e2m1",
        DType.UInt4 => "u4",
        DType.Int4 => "i4",
        DType.UInt2 => "u2",
        DType.Int2 => "i2",
        _ => "undefined",
    };

    /// <summary>The type that <see cref="ShortName"/> names, or <see cref="DType.Undefined"/>.</summary>
    public static DType Parse(string shortName)
    {
        foreach (DType type in Enum.GetValues<DType>())
            if (type != DType.Undefined && type.ShortName() == shortName)
                return type;
        return DType.Undefined;
    }

    /// <summary>The .NET type that holds one element, or <see cref="DType.Undefined"/> where none does.</summary>
    public static DType Of<T>()
    {
        if (typeof(T) == typeof(float)) return DType.Float32;
        if (typeof(T) == typeof(double)) return DType.Float64;
        if (typeof(T) == typeof(Half)) return DType.Float16;
        if (typeof(T) == typeof(BFloat16)) return DType.BFloat16;
        if (typeof(T) == typeof(sbyte)) return DType.Int8;
        if (typeof(T) == typeof(short)) return DType.Int16;
        if (typeof(T) == typeof(int)) return DType.Int32;
        if (typeof(T) == typeof(long)) return DType.Int64;
        if (typeof(T) == typeof(byte)) return DType.UInt8;
        if (typeof(T) == typeof(ushort)) return DType.UInt16;
        if (typeof(T) == typeof(uint)) return DType.UInt32;
        if (typeof(T) == typeof(ulong)) return DType.UInt64;
        if (typeof(T) == typeof(bool)) return DType.Bool;
        if (typeof(T) == typeof(string)) return DType.String;
        if (typeof(T) == typeof(Complex64)) return DType.Complex64;
        if (typeof(T) == typeof(System.Numerics.Complex)) return DType.Complex128;
        return DType.Undefined;
    }
}
