namespace Ai3.Ops;

/// <summary>Row normalisation in double: lists every row's positions by counting through the view.</summary>
internal static class NormalizationOracle
{
    // Of float32; of float16 and bfloat16 elements statistics are float32 as well.
    private static readonly double SmallestNormal = Math.ScaleB(1, -126);

    public static OracleResult Evaluate(NormalizationProblem p, IReadOnlyList<double[]?> inputs)
    {
        double[] x = inputs[0]!;
        double[] values = new double[x.Length], magnitudes = new double[x.Length];
        int rank = p.View.Rank;
        var rows = new Dictionary<long, List<long>>();
        long[] scaleAt = new long[x.Length], biasAt = new long[x.Length];
        for (long i = 0; i < x.Length; i++)
        {
            long rest = i, row = 0, rowScale = 1, scaleStep = 1, biasStep = 1;
            for (int a = rank - 1; a >= 0; a--)
            {
                long position = rest % p.View[a];
                rest /= p.View[a];
                if (!p.Reduced[a])
                {
                    row += position * rowScale;
                    rowScale *= p.View[a];
                }
                if (p.Scale is not null && p.ScaleView[a] != 1)
                {
                    scaleAt[i] += position * scaleStep;
                    scaleStep *= p.ScaleView[a];
                }
                if (p.Bias is not null && p.BiasView[a] != 1)
                {
                    biasAt[i] += position * biasStep;
                    biasStep *= p.BiasView[a];
                }
            }
            if (!rows.TryGetValue(row, out List<long>? positions))
                rows.Add(row, positions = []);
            positions.Add(i);
        }
        bool statistics = p.GivesMean || p.GivesInverse;
        double[] means = new double[statistics ? p.Rows : 0], meanSizes = new double[means.Length], inverses = new double[means.Length];
        Array.Fill(means, double.NaN);
        Array.Fill(inverses, double.NaN);
        foreach ((long row, List<long> positions) in rows)
        {
            double mean = p.Centers ? positions.Sum(i => x[i]) / positions.Count : 0;
            double inverse = Inverse(p, positions.Sum(i => p.Kind == NormalizationKind.L1 ? Math.Abs(x[i]) : (x[i] - mean) * (x[i] - mean)), positions.Count);
            double spread = positions.Sum(i => Math.Abs(x[i] - mean)) / positions.Count;
            if (statistics)
                (means[row], meanSizes[row], inverses[row]) = (mean, Math.Abs(mean) + spread, inverse);
            foreach (long i in positions)
            {
                double scale = p.Scale is null ? 1 : inputs[1]![scaleAt[i]], bias = p.Bias is null ? 0 : inputs[2]![biasAt[i]];
                values[i] = (x[i] - mean) * inverse * scale + bias;
                // Next to nothing is left of differences under the smallest normal number: they have its error.
                double size = Math.Abs(x[i] - mean) + (p.Centers ? spread : 0) + SmallestNormal;
                magnitudes[i] = size * inverse * Math.Abs(scale) + Math.Abs(bias);
            }
        }
        if (statistics && !p.Centers)
            return new OracleResult([values, inverses], [magnitudes, inverses]);
        return statistics ? new OracleResult([values, means, inverses], [magnitudes, meanSizes, inverses]) : new OracleResult([values], [magnitudes]);
    }

    private static double Inverse(NormalizationProblem p, double sum, int count) => p.Kind switch
    {
        NormalizationKind.MeanVariance => 1 / (Math.Sqrt(sum / count) + p.Epsilon),
        NormalizationKind.L1 => sum == 0 ? 0 : 1 / sum,
        NormalizationKind.L2 => sum == 0 ? 0 : 1 / Math.Sqrt(sum),
        _ => 1 / Math.Sqrt(sum / count + p.Epsilon),
    };
}
