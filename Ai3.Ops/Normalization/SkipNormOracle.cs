namespace Ai3.Ops;

/// <summary>The sum and its normalisation in double.</summary>
internal static class SkipNormOracle
{
    // Of float32; statistics of narrower elements are float32 as well.
    private static readonly double SmallestNormal = Math.ScaleB(1, -126);

    public static OracleResult Evaluate(SkipNormProblem p, IReadOnlyList<double[]?> inputs)
    {
        long length = p.Shape[^1], rows = length == 0 ? 0 : p.Shape.Count / length, skipRows = length == 0 ? 0 : p.Skip.Count / length;
        double[] sums = new double[p.Shape.Count], sizes = new double[p.Shape.Count];
        bool layer = p.Kind == NormalizationKind.Layer;
        double[]? bias = p.HasBias ? inputs[layer ? 4 : 3] : null, beta = p.HasBeta ? inputs[3] : null;
        for (long r = 0; r < rows; r++)
            for (long c = 0; c < length; c++)
            {
                double x = inputs[0]![r * length + c], skip = inputs[1]![r % skipRows * length + c], b = bias?[c] ?? 0;
                sums[r * length + c] = x + skip + b;
                sizes[r * length + c] = Math.Abs(x) + Math.Abs(skip) + Math.Abs(b);
            }
        OracleResult result = Normalized(p.Kind, p.Epsilon, sums, sizes, rows, length, inputs[2]!, beta);
        double[][] values = [.. result.Values, sums], magnitudes = [.. result.Magnitudes, sizes];
        return new OracleResult(values[..p.OutputCount], magnitudes[..p.OutputCount]);
    }

    /// <summary>Normalised rows, means and inverse deviations of sums whose terms have the given sizes.</summary>
    public static OracleResult Normalized(NormalizationKind kind, double epsilon, double[] sums, double[] sizes, long rows, long length, double[] gamma, double[]? beta)
    {
        double[] y = new double[sums.Length], ySizes = new double[sums.Length], means = new double[rows], meanSizes = new double[rows];
        double[] inverses = new double[rows], inverseSizes = new double[rows];
        for (long r = 0; r < rows; r++)
        {
            double mean = 0, size = 0, squares = 0;
            for (long c = r * length; c < (r + 1) * length; c++)
            {
                mean += kind == NormalizationKind.Layer ? sums[c] / length : 0;
                size = Math.Max(size, sizes[c]);
            }
            for (long c = r * length; c < (r + 1) * length; c++)
                squares += (sums[c] - mean) * (sums[c] - mean) / length;
            double inverse = 1 / Math.Sqrt(squares + epsilon);
            (means[r], meanSizes[r]) = (mean, size);
            // The deviation is off by as much as an element may be.
            (inverses[r], inverseSizes[r]) = (inverse, inverse * (1 + size * inverse));
            for (long c = 0; c < length; c++)
            {
                long at = r * length + c;
                double shift = beta?[c] ?? 0, normal = (sums[at] - mean) * inverse;
                y[at] = normal * gamma[c] + shift;
                ySizes[at] = ((size + SmallestNormal) * inverse * (1 + Math.Abs(normal))) * Math.Abs(gamma[c]) + Math.Abs(shift);
            }
        }
        return new OracleResult([y, means, inverses], [ySizes, meanSizes, inverseSizes]);
    }
}
