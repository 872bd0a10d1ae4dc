namespace Ai3.Ops;

/// <summary>DFT by its definition: each bin a sum over all samples, in double with compensation (Neumaier 1974).</summary>
internal static class DftOracle
{
    public static OracleResult Evaluate(DftProblem p, IReadOnlyList<double[]?> inputs)
    {
        double[] x = inputs[0]!;
        long n = p.Length, inLength = p.Input.Shape[p.Axis], parts = p.Input.Shape[^1], outParts = p.ToReal ? 1 : 2;
        var values = new double[p.Output.Shape.Count];
        var magnitudes = new double[values.Length];
        double[] re = new double[n], im = new double[n];
        for (long lane = 0; lane < p.Outer * p.Inner; lane++)
        {
            long outer = lane / p.Inner, inner = lane % p.Inner;
            for (long j = 0; j < n; j++)
            {
                bool mirrored = p.ToReal && j > n / 2;
                long from = mirrored ? n - j : j;
                long at = ((outer * inLength + from) * p.Inner + inner) * parts;
                re[j] = from < inLength ? x[at] : 0;
                im[j] = from < inLength && parts == 2 ? mirrored ? -x[at + 1] : x[at + 1] : 0;
                if (p.ToReal && 2 * j % n == 0)
                    im[j] = 0;
            }
            for (long k = 0; k < p.OutLength; k++)
            {
                (double real, double imaginary, double size) = Bin(re, im, k, p.Inverse);
                long to = ((outer * p.OutLength + k) * p.Inner + inner) * outParts;
                values[to] = real;
                magnitudes[to] = size;
                if (outParts == 2)
                    (values[to + 1], magnitudes[to + 1]) = (imaginary, size);
            }
        }
        return new OracleResult([values], [magnitudes]);
    }

    /// <summary>Sum over j of x[j] exp(-+ 2 pi i j k / n), divided by n if inverse, and the sum of the absolute parts.</summary>
    public static (double Re, double Im, double Size) Bin(double[] re, double[] im, long k, bool inverse)
    {
        int n = re.Length;
        double sumR = 0, sumI = 0, lostR = 0, lostI = 0, size = 0;
        for (long j = 0; j < n; j++)
        {
            double angle = 2 * Math.PI * (j * k % n) / n;
            double cos = Math.Cos(angle), sin = inverse ? Math.Sin(angle) : -Math.Sin(angle);
            Add(ref sumR, ref lostR, re[j] * cos);
            Add(ref sumR, ref lostR, -im[j] * sin);
            Add(ref sumI, ref lostI, re[j] * sin);
            Add(ref sumI, ref lostI, im[j] * cos);
            size += Math.Abs(re[j]) + Math.Abs(im[j]);
        }
        double scale = inverse ? 1.0 / n : 1;
        return ((sumR + lostR) * scale, (sumI + lostI) * scale, size * scale);
    }

    private static void Add(ref double sum, ref double lost, double term)
    {
        double next = sum + term;
        lost += Math.Abs(sum) >= Math.Abs(term) ? sum - next + term : term - next + sum;
        sum = next;
    }
}
