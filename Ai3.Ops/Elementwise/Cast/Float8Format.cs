using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>A float of 8 bits or fewer: its fields and its special codes, as ONNX defines them.</summary>
/// <param name="ExponentBits">Bits of the exponent.</param>
/// <param name="MantissaBits">Bits of the mantissa.</param>
/// <param name="Bias">Subtracted from the exponent field.</param>
/// <param name="LargestCode">The code of the greatest finite value.</param>
/// <param name="InfinityCode">The code of infinity, or of what stands for it where numbers are not saturated.</param>
/// <param name="NaNCode">The code of NaN.</param>
/// <param name="HasNegativeZero">Whether the sign bit alone is -0 (otherwise it is NaN, or unused).</param>
internal sealed record Float8Format(int ExponentBits, int MantissaBits, int Bias, int LargestCode, int InfinityCode, int NaNCode, bool HasNegativeZero)
{
    private float[]? _values;

    public static Float8Format E4M3FN { get; } = new(4, 3, 7, 0x7E, 0x7F, 0x7F, true);

    public static Float8Format E4M3FNUZ { get; } = new(4, 3, 8, 0x7F, 0x80, 0x80, false);

    public static Float8Format E5M2 { get; } = new(5, 2, 15, 0x7B, 0x7C, 0x7E, true);

    public static Float8Format E5M2FNUZ { get; } = new(5, 2, 16, 0x7F, 0x80, 0x80, false);

    /// <summary>4 bits without NaN: one becomes -0.</summary>
    public static Float8Format E2M1 { get; } = new(2, 1, 1, 7, 7, 8, true);

    /// <summary>The format of an element type, or null.</summary>
    public static Float8Format? Of(DType type) => type switch
    {
        DType.Float8E4M3FN => E4M3FN,
        DType.Float8E4M3FNUZ => E4M3FNUZ,
        DType.Float8E5M2 => E5M2,
        DType.Float8E5M2FNUZ => E5M2FNUZ,
        DType.Float4E2M1 => E2M1,
        _ => null,
    };

    private int SignBit => 1 << (ExponentBits + MantissaBits);

    /// <summary>The value of every code.</summary>
    public float[] Values => _values ??= MakeValues();

    /// <summary>The code nearest to a number, ties to even.</summary>
    public int Encode(float x, bool saturate)
    {
        int sign = float.IsNegative(x) ? SignBit : 0;
        if (float.IsNaN(x))
            return NaNCode == SignBit || this == E2M1 ? NaNCode : sign | NaNCode;
        double magnitude = Math.Abs((double)x);
        int code = LargestCode + 1;
        if (!double.IsInfinity(magnitude))
        {
            int exponent = magnitude == 0 ? 1 - Bias : Math.Max(Math.ILogB(magnitude), 1 - Bias);
            // The mantissa with its leading one (or without, in a denormal); a carry runs into the exponent field.
            double mantissa = Math.Round(Math.ScaleB(magnitude, MantissaBits - exponent));
            double wide = ((long)(exponent + Bias) << MantissaBits) + mantissa - (1 << MantissaBits);
            code = (int)Math.Min(wide, code);
        }
        if (code > LargestCode)
            code = saturate ? LargestCode : InfinityCode;
        if (code == NaNCode && !HasNegativeZero)
            return NaNCode;
        return code == 0 && !HasNegativeZero ? 0 : sign | code;
    }

    private float[] MakeValues()
    {
        var values = new float[2 * SignBit];
        int mantissaMask = (1 << MantissaBits) - 1;
        for (int code = 0; code < values.Length; code++)
        {
            int magnitude = code & SignBit - 1;
            int exponent = magnitude >> MantissaBits, mantissa = magnitude & mantissaMask;
            double value = exponent == 0 ? Math.ScaleB(mantissa, 1 - Bias - MantissaBits)
                : Math.ScaleB(mantissa + (1 << MantissaBits), exponent - Bias - MantissaBits);
            if (magnitude > LargestCode)
                value = magnitude == InfinityCode && InfinityCode != NaNCode ? double.PositiveInfinity : double.NaN;
            if (code == NaNCode && !HasNegativeZero)
                value = double.NaN;
            values[code] = (float)((code & SignBit) != 0 ? -value : value);
        }
        return values;
    }
}
