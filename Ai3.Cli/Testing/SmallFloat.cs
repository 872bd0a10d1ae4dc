using Ai3.Tensors;

namespace Ai3.Cli;

/// <summary>Decodes 4- and 8-bit floats.</summary>
internal static class SmallFloat
{
    private static readonly double[] E2M1 = [0, 0.5, 1, 1.5, 2, 3, 4, 6];

    /// <summary>float4: sign, 2 exponent bits, 1 mantissa bit.</summary>
    public static double DecodeE2M1(int bits) => bits < 8 ? E2M1[bits] : -E2M1[bits - 8];

    /// <summary>float8 of the given kind.</summary>
    public static double Decode(DType type, byte bits) => type switch
    {
        DType.Float8E4M3FN when (bits & 0x7F) == 0x7F => double.NaN,
        DType.Float8E4M3FN => Parts(bits, 3, 7),
        DType.Float8E4M3FNUZ or DType.Float8E5M2FNUZ when bits == 0x80 => double.NaN,
        DType.Float8E4M3FNUZ => Parts(bits, 3, 8),
        DType.Float8E5M2FNUZ => Parts(bits, 2, 16),
        DType.Float8E5M2 when (bits & 0x7F) > 0x7C => double.NaN,
        DType.Float8E5M2 when (bits & 0x7F) == 0x7C => bits < 0x80 ? double.PositiveInfinity : double.NegativeInfinity,
        DType.Float8E5M2 => Parts(bits, 2, 15),
        DType.Float8E8M0 when bits == 0xFF => double.NaN,
        DType.Float8E8M0 => Math.ScaleB(1, bits - 127),
        _ => throw new ArgumentException($"{type.ShortName()} is not a float8 type"),
    };

    private static double Parts(byte bits, int mantissaBits, int bias)
    {
        int exponent = (bits & 0x7F) >> mantissaBits;
        int mantissa = bits & ((1 << mantissaBits) - 1);
        double magnitude = exponent == 0
            ? Math.ScaleB(mantissa, 1 - bias - mantissaBits)
            : Math.ScaleB(mantissa + (1 << mantissaBits), exponent - bias - mantissaBits);
        return bits < 0x80 ? magnitude : -magnitude;
    }
}
