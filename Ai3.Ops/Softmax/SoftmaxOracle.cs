namespace Ai3.Ops;

/// <summary>The definitions in double, row by row.</summary>
internal static class SoftmaxOracle
{
    public static OracleResult Evaluate(SoftmaxProblem p, IReadOnlyList<double[]?> inputs)
    {
        double[] x = inputs[0]!, values = new double[x.Length], magnitudes = new double[x.Length];
        for (long outer = 0; outer < p.Outer; outer++)
            for (long inner = 0; inner < p.Inner; inner++)
            {
                long[] row = [.. Enumerable.Range(0, (int)p.Length).Select(k => (outer * p.Length + k) * p.Inner + inner)];
                if (p.Kind == SoftmaxKind.Hardmax)
                    Hardmax(x, row, values, magnitudes);
                else
                    Softmax(p.Kind == SoftmaxKind.LogSoftmax, x, row, values, magnitudes);
            }
        return new OracleResult([values], [magnitudes]);
    }

    // Rounding x - max costs its size in units of the last place of the exponential.
    private static void Softmax(bool log, double[] x, long[] row, double[] values, double[] magnitudes)
    {
        double largest = row.Length == 0 ? 0 : row.Max(i => x[i]);
        double sum = row.Sum(i => Math.Exp(x[i] - largest));
        foreach (long i in row)
        {
            double d = x[i] - largest;
            values[i] = log ? d - Math.Log(sum) : Math.Exp(d) / sum;
            magnitudes[i] = log ? Math.Abs(d) + Math.Abs(Math.Log(sum)) + 1 : values[i] * (1 + Math.Abs(d));
        }
    }

    private static void Hardmax(double[] x, long[] row, double[] values, double[] magnitudes)
    {
        if (row.Length == 0)
            return;
        long best = row[0];
        foreach (long i in row)
            if (x[i] > x[best] || double.IsNaN(x[i]) && !double.IsNaN(x[best]))
                best = i;
        values[best] = magnitudes[best] = 1;
    }
}
