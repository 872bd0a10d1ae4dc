namespace Ai3.Ops;

/// <summary>The definition of convolution, loop by loop, in double.</summary>
internal static class ConvReference
{
    public static OracleResult Evaluate(ConvProblem p, IReadOnlyList<double[]?> inputs)
    {
        double[] x = inputs[0]!, w = inputs[1]!;
        double[]? bias = inputs[2];
        long oD = p.D.Out, oH = p.H.Out, oW = p.W.Out;
        var values = new double[p.N * p.OutChannels * oD * oH * oW];
        var magnitudes = new double[values.Length];
        long at = 0;
        for (long n = 0; n < p.N; n++)
            for (long m = 0; m < p.OutChannels; m++)
                for (long z = 0; z < oD; z++)
                    for (long y = 0; y < oH; y++)
                        for (long i = 0; i < oW; i++, at++)
                        {
                            double sum = bias is null ? 0 : bias[m], magnitude = Math.Abs(sum);
                            Accumulate(p, x, w, n, m, (z, y, i), ref sum, ref magnitude);
                            values[at] = sum;
                            magnitudes[at] = magnitude;
                        }
        return new OracleResult([values], [magnitudes]);
    }

    private static void Accumulate(ConvProblem p, double[] x, double[] w, long n, long m, (long Z, long Y, long X) o, ref double sum, ref double magnitude)
    {
        ConvAxis d = p.D, h = p.H, v = p.W;
        long channels = p.InChannels / p.Group, group = m / (p.OutChannels / p.Group);
        long front = o.Z * d.Stride - d.PadBegin, top = o.Y * h.Stride - h.PadBegin, left = o.X * v.Stride - v.PadBegin;
        for (long c = 0; c < channels; c++)
            for (long kz = 0; kz < d.Kernel; kz++)
            {
                long z = front + kz * d.Dilation;
                if (z < 0 || z >= d.In)
                    continue;
                for (long ky = 0; ky < h.Kernel; ky++)
                {
                    long y = top + ky * h.Dilation;
                    if (y < 0 || y >= h.In)
                        continue;
                    long row = (((n * p.InChannels + group * channels + c) * d.In + z) * h.In + y) * v.In;
                    long taps = (((m * channels + c) * d.Kernel + kz) * h.Kernel + ky) * v.Kernel;
                    for (long kx = 0; kx < v.Kernel; kx++)
                    {
                        long i = left + kx * v.Dilation;
                        if (i < 0 || i >= v.In)
                            continue;
                        double product = x[row + i] * w[taps + kx];
                        sum += product;
                        magnitude += Math.Abs(product);
                    }
                }
            }
    }
}
