namespace Ai3.Ops;

/// <summary>The definition: one output element at a time, sums in int64 cut to 32 bits.</summary>
internal sealed unsafe class QuantizedConvReference(QuantizedConvProblem p) : PreparedKernel
{
    public override void Run(in KernelArgs args)
    {
        ConvProblem g = p.Geometry;
        long pixels = g.D.Out * g.H.Out * g.W.Out;
        for (long n = 0; n < g.N; n++)
            for (long m = 0; m < g.OutChannels; m++)
                for (long pixel = 0; pixel < pixels; pixel++)
                {
                    int sum = Sum(args, n, m, pixel / g.W.Out / g.H.Out, pixel / g.W.Out % g.H.Out, pixel % g.W.Out);
                    Store(args, (n * g.OutChannels + m) * pixels + pixel, m, sum);
                }
    }

    private int Sum(in KernelArgs args, long n, long m, long od, long oh, long ow)
    {
        ConvProblem g = p.Geometry;
        long perGroup = g.InChannels / g.Group, first = m / (g.OutChannels / g.Group) * perGroup, sum = 0;
        double xZero = Zero(args, p.XZero, m), wZero = Zero(args, p.WZero, m);
        for (long c = 0; c < perGroup; c++)
            for (long kd = 0; kd < g.D.Kernel; kd++)
                for (long kh = 0; kh < g.H.Kernel; kh++)
                    for (long kw = 0; kw < g.W.Kernel; kw++)
                    {
                        long d = od * g.D.Stride + kd * g.D.Dilation - g.D.PadBegin, h = oh * g.H.Stride + kh * g.H.Dilation - g.H.PadBegin;
                        long w = ow * g.W.Stride + kw * g.W.Dilation - g.W.PadBegin;
                        if (d < 0 || d >= g.D.In || h < 0 || h >= g.H.In || w < 0 || w >= g.W.In)
                            continue;
                        long x = (((n * g.InChannels + first + c) * g.D.In + d) * g.H.In + h) * g.W.In + w;
                        long weight = (((m * perGroup + c) * g.D.Kernel + kd) * g.H.Kernel + kh) * g.W.Kernel + kw;
                        sum += (long)(ElementAccess.Read((void*)args.Inputs[0], p.Operand(0).Type, x) - xZero)
                            * (long)(ElementAccess.Read((void*)args.Inputs[p.W], p.Operand(p.W).Type, weight) - wZero);
                    }
        if (!p.IsInteger && !p.Operand(QuantizedConvProblem.Bias).IsAbsent)
            sum += ((int*)args.Inputs[QuantizedConvProblem.Bias])[m];
        return unchecked((int)sum);
    }

    private void Store(in KernelArgs args, long index, long m, int sum)
    {
        if (p.IsInteger)
        {
            ((int*)args.Outputs[0])[index] = sum;
            return;
        }
        float w = ((float*)args.Inputs[QuantizedConvProblem.WScale])[p.Operand(QuantizedConvProblem.WScale).Shape.Count == 1 ? 0 : m];
        float scaled = sum * (*(float*)args.Inputs[QuantizedConvProblem.XScale] * w / *(float*)args.Inputs[QuantizedConvProblem.YScale]);
        (int low, int high) = QuantizedElement.Range(p.OutputType);
        double zero = Zero(args, QuantizedConvProblem.YZero, 0);
        ((byte*)args.Outputs[0])[index] = (byte)(float.IsNaN(scaled) ? low : (int)Math.Clamp(Math.Round((double)scaled, MidpointRounding.ToEven) + zero, low, high));
    }

    private double Zero(in KernelArgs args, int index, long m)
    {
        TensorType operand = p.Operand(index);
        return operand.IsAbsent ? 0 : ElementAccess.Read((void*)args.Inputs[index], operand.Type, operand.Shape.Count == 1 ? 0 : m);
    }
}
