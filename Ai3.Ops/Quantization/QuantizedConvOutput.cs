using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>What the rows of a quantised convolution share: how sums become y, and weights as rows of int16.</summary>
internal static unsafe class QuantizedConvOutput
{
    /// <summary>Rows are output channels; the factor is x scale * w scale / y scale.</summary>
    public static SumsToOutput Finish(QuantizedConvProblem p, in KernelArgs args)
    {
        if (p.IsInteger)
            return new SumsToOutput { Kind = SumOutput.Int32 };
        return new SumsToOutput
        {
            Kind = p.Output,
            RowScale = (float*)args.Inputs[QuantizedConvProblem.WScale],
            RowScaleStep = p.Operand(QuantizedConvProblem.WScale).Shape.Count == 1 ? 0 : 1,
            ColumnScale = (float*)args.Inputs[QuantizedConvProblem.XScale],
            OutScale = *(float*)args.Inputs[QuantizedConvProblem.YScale],
            Zero = Zero((byte*)args.Inputs[QuantizedConvProblem.YZero], p.OutputType),
            RowBias = p.Operand(QuantizedConvProblem.Bias).IsAbsent ? null : (int*)args.Inputs[QuantizedConvProblem.Bias],
        };
    }

    /// <summary>The zero point of x.</summary>
    public static int XZero(QuantizedConvProblem p, in KernelArgs args) =>
        p.Operand(p.XZero).IsAbsent ? 0 : Zero((byte*)args.Inputs[p.XZero], p.Operand(0).Type);

    /// <summary>The address of the zero points of w, or null.</summary>
    public static byte* WZeros(QuantizedConvProblem p, in KernelArgs args) => p.Operand(p.WZero).IsAbsent ? null : (byte*)args.Inputs[p.WZero];

    /// <summary>The zero point of output channel m.</summary>
    public static int WZero(QuantizedConvProblem p, byte* zeros, long m) =>
        zeros == null ? 0 : Zero(zeros + (p.Operand(p.WZero).Shape.Count == 1 ? 0 : m), p.Operand(p.W).Type);

    private static int Zero(byte* p, DType type) => type == DType.Int8 ? *(sbyte*)p : *p;
}
