namespace Ai3.Tensors;

/// <summary>Element types. The values are those of ONNX's <c>TensorProto.DataType</c>.</summary>
public enum DType
{
    /// <summary>No type: an absent or unknown value.</summary>
    Undefined = 0,
    /// <summary>IEEE 754 binary32.</summary>
    Float32 = 1,
    /// <summary>Unsigned 8-bit integer.</summary>
    UInt8 = 2,
    /// <summary>Signed 8-bit integer.</summary>
    Int8 = 3,
    /// <summary>Unsigned 16-bit integer.</summary>
    UInt16 = 4,
    /// <summary>Signed 16-bit integer.</summary>
    Int16 = 5,
    /// <summary>Signed 32-bit integer.</summary>
    Int32 = 6,
    /// <summary>Signed 64-bit integer.</summary>
    Int64 = 7,
    /// <summary>UTF-16 string, held outside native memory.</summary>
    String = 8,
    /// <summary>Boolean, one byte an element, 0 or 1.</summary>
    Bool = 9,
    /// <summary>IEEE 754 binary16.</summary>
    Float16 = 10,
    /// <summary>IEEE 754 binary64.</summary>
    Float64 = 11,
    /// <summary>Unsigned 32-bit integer.</summary>
    UInt32 = 12,
    /// <summary>Unsigned 64-bit integer.</summary>
    UInt64 = 13,
    /// <summary>Two <see cref="Float32"/>: real, imaginary.</summary>
    Complex64 = 14,
    /// <summary>Two <see cref="Float64"/>: real, imaginary.</summary>
    Complex128 = 15,
    /// <summary>bfloat16: the upper half of a binary32.</summary>
    BFloat16 = 16,
    /// <summary>float8, 4 exponent and 3 mantissa bits, finite only.</summary>
    Float8E4M3FN = 17,
    /// <summary>float8, 4 exponent and 3 mantissa bits, finite only, no negative zero.</summary>
    Float8E4M3FNUZ = 18,
    /// <summary>float8, 5 exponent and 2 mantissa bits, with infinities.</summary>
    Float8E5M2 = 19,
    /// <summary>float8, 5 exponent and 2 mantissa bits, finite only, no negative zero.</summary>
    Float8E5M2FNUZ = 20,
    /// <summary>Unsigned 4-bit integer, two in a byte, low nibble first.</summary>
    UInt4 = 21,
    /// <summary>Signed 4-bit integer, two in a byte, low nibble first.</summary>
    Int4 = 22,
    /// <summary>float4, 2 exponent and 1 mantissa bits, two in a byte, low nibble first.</summary>
    Float4E2M1 = 23,
    /// <summary>float8 exponent only: powers of two.</summary>
    Float8E8M0 = 24,
    /// <summary>Unsigned 2-bit integer, four in a byte, lowest bits first.</summary>
    UInt2 = 25,
    /// <summary>Signed 2-bit integer, four in a byte, lowest bits first.</summary>
    Int2 = 26,
}
