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
        long channels = p.InChannels / p.Group, group = m / (p.OutChannels / p.Group);
        for (long c = 0; c < channels; c++)
            for (long kz = 0; kz < p.D.Kernel; kz++)
                for (long ky = 0; ky < p.H.Kernel; ky++)
                    for (long kx = 0; kx < p.W.Kernel; kx++)
                    {
                        long z = o.Z * p.D.Stride + kz * p.D.Dilation - p.D.PadBegin;
                        long y = o.Y * p.H.Stride + ky * p.H.Dilation - p.H.PadBegin;
                        long i = o.X * p.W.Stride + kx * p.W.Dilation - p.W.PadBegin;
                        if (z < 0 || z >= p.D.In || y < 0 || y >= p.H.In || i < 0 || i >= p.W.In)
                            continue;
                        double product = x[(((n * p.InChannels + group * channels + c) * p.D.In + z) * p.H.In + y) * p.W.In + i]
                            * w[(((m * channels + c) * p.D.Kernel + kz) * p.H.Kernel + ky) * p.W.Kernel + kx];
                        sum += product;
                        magnitude += Math.Abs(product);
                    }
    }
}
