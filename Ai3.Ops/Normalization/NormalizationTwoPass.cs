namespace Ai3.Ops;

/// <summary>
/// The corrected two-pass method: a first mean, then the sums of d and d^2 with d = x - mean, where the sum of d corrects mean and
/// variance (Chan, Golub and LeVeque 1983). The error does not grow with the mean.
/// </summary>
internal readonly struct NormalizationTwoPass : IRowMoments
{
    public static double CostHint(Request<NormalizationProblem> r) => NormalizationCost.Of(r, 1.2, 12, 3);

    // The last pass and the mean add 6.
    public static ErrorBound Error(NormalizationProblem p, Target target) => ErrorBound.Relative(RowSums.Chain(p.Length, target.Lanes) + 6);

    public static (double Mean, double Sum) Of<S, V>(RowStatistics statistics, RowSegments row, out double total) where S : struct, ISimd<V> where V : unmanaged
    {
        total = 0;
        if (!statistics.Centers)
            return (0, statistics.SumsMagnitudes ? RowSums.Over<S, V, MagnitudeTerms>(row, 0).First : RowSums.Over<S, V, CenteredTerms>(row, 0).Second);
        double count = row.Count;
        total = RowSums.Over<S, V, PlainTerms>(row, 0).First;
        float first = (float)(total / count);
        (double deviation, double squares) = RowSums.Over<S, V, CenteredTerms>(row, first);
        // NaN compares false, and must stay.
        double sum = double.IsNaN(squares) ? squares : Math.Max(0, squares - deviation * deviation / count);
        return (first + deviation / count, sum);
    }
}
