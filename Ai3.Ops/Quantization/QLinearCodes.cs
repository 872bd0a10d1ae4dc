namespace Ai3.Ops;

/// <summary>Codes to reals and back: (x - zero) * scale, and saturate(round(y / scale) + zero) with NaN as the lowest value.</summary>
internal static unsafe class QLinearCodes
{
    /// <summary>Scale and zero point of an operand.</summary>
    public static (float Scale, int Zero) Parameters(QLinearProblem p, QLinearOperand operand, in KernelArgs args)
    {
        TensorType zero = p.Operand(operand.Zero);
        return (*(float*)args.Inputs[operand.Scale], zero.IsAbsent ? 0 : (int)ElementAccess.Read((void*)args.Inputs[operand.Zero], zero.Type, 0));
    }

    /// <summary>Dequantises to float64.</summary>
    public static void ToReal(byte* x, bool signed, float scale, int zero, double* y, nint count)
    {
        if (signed)
            for (nint i = 0; i < count; i++)
                y[i] = ((sbyte)x[i] - zero) * (double)scale;
        else
            for (nint i = 0; i < count; i++)
                y[i] = (x[i] - zero) * (double)scale;
    }

    /// <summary>Quantises float64.</summary>
    public static void ToCodes(double* y, bool signed, float scale, int zero, byte* codes, nint count)
    {
        int low = signed ? sbyte.MinValue : 0;
        for (nint i = 0; i < count; i++)
        {
            double q = Math.Round(y[i] / scale) + zero;
            codes[i] = (byte)(q > low ? (int)Math.Min(q, low + 255) : low);
        }
    }
}
