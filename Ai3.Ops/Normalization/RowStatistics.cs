namespace Ai3.Ops;

/// <summary>What a row's elements are divided by, from its sum of squares (or magnitudes).</summary>
internal readonly record struct RowStatistics(NormalizationKind Kind, float Epsilon)
{
    public static RowStatistics Of(NormalizationProblem p) => new(p.Kind, p.Epsilon);

    public bool Centers => Kind is not (NormalizationKind.Rms or NormalizationKind.L1 or NormalizationKind.L2);

    public bool SumsMagnitudes => Kind == NormalizationKind.L1;

    /// <summary>1 / deviation.</summary>
    public double Inverse(double sum, double count) => Kind switch
    {
        NormalizationKind.MeanVariance => 1 / (Math.Sqrt(sum / count) + Epsilon),
        NormalizationKind.L1 => sum == 0 ? 0 : 1 / sum,
        NormalizationKind.L2 => sum == 0 ? 0 : 1 / Math.Sqrt(sum),
        _ => 1 / Math.Sqrt(sum / count + Epsilon),
    };

    /// <summary>
    /// True if float32 held the terms well: nothing overflowed, and what underflowed is nothing beside the sum or epsilon.
    /// </summary>
    /// <param name="sum">The sum of squares or magnitudes.</param>
    /// <param name="first">The sum that the first mean came from: as a denormal it has lost digits that 1 / epsilon would show.</param>
    public bool IsSafe(double sum, double first) => sum < 1e30 && (sum > 1e-30 || Epsilon >= 1e-15f && Math.Abs(first) is not (> 0 and < 1e-30));
}
