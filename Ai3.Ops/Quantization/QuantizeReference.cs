using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Quantises and dequantises any of the operator's types, one element at a time.</summary>
internal sealed unsafe class QuantizeReference(QuantizeProblem p) : PreparedKernel
{
    public override void Run(in KernelArgs args)
    {
        void* x = (void*)args.Inputs[0], scale = (void*)args.Inputs[1], zero = (void*)args.Inputs[2], y = (void*)args.Outputs[0];
        long count = p.Input.Shape.Count;
        for (long i = 0; i < count; i++)
        {
            long s = ScaleOf(i);
            double value = QuantizedElement.Read(x, p.Input.Type, i), factor = QuantizedElement.Read(scale, p.Scale.Type, s);
            double offset = zero == null ? 0 : QuantizedElement.Read(zero, p.ZeroPoint.Type, s);
            if (p.Dequantize)
                ElementAccess.Write(y, p.OutputType, i, (float)(value - offset) * (float)factor);
            else
            {
                // Bits of a last byte that no element uses are zeros.
                if (p.OutputType.IsPacked() && i % (8 / p.OutputType.BitsPerElement()) == 0)
                    ((byte*)y)[i * p.OutputType.BitsPerElement() / 8] = 0;
                QuantizedElement.WriteCode(y, p.OutputType, i, Code(Divide(value, factor), offset));
            }
        }
    }

    private int Code(double quotient, double zero)
    {
        if (Float8Format.Of(p.OutputType) is { } format)
            return format.Encode((float)(zero == 0 ? quotient : quotient + zero), p.Saturate || p.OutputType == DType.Float4E2M1);
        (int low, int high) = QuantizedElement.Range(p.OutputType);
        return double.IsNaN(quotient) ? low : (int)Math.Clamp(Math.Round(quotient, MidpointRounding.ToEven) + zero, low, high);
    }

    // A quotient of two floats of 11 digits or fewer, rounded to float32 first, rounds as the exact one does.
    private double Divide(double x, double scale) => p.Precision switch
    {
        DType.Float16 => (double)(Half)((float)(Half)x / (float)(Half)scale),
        DType.BFloat16 => (float)(BFloat16)((float)(BFloat16)(float)x / (float)(BFloat16)(float)scale),
        DType.Float64 => x / scale,
        _ => (float)x / (float)scale,
    };

    private long ScaleOf(long position)
    {
        Shape x = p.Input.Shape;
        if (p.Scale.Shape.Count == 1 && p.Block == 0)
            return 0;
        long inner = 1;
        for (int i = p.Axis + 1; i < x.Rank; i++)
            inner *= x[i];
        long a = position / inner % x[p.Axis];
        if (p.Block == 0)
            return a;
        long outer = position / inner / x[p.Axis], blocks = p.Scale.Shape[p.Axis];
        return (outer * blocks + a / p.Block) * inner + position % inner;
    }
}
