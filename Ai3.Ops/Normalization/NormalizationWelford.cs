namespace Ai3.Ops;

/// <summary>
/// One pass over memory: each block of a row gives its mean and its squares about it while it is in the first cache, and is merged with those
/// before it. Welford 1962's update, taken by blocks (<see cref="MergedMoments"/>).
/// </summary>
/// <remarks>
/// Only sums of squares are added, in double, so nothing cancels, however large the mean; an update for each element in float32 would round
/// the mean n times. Where a row stays in a cache it is no faster than two passes.
/// </remarks>
internal readonly struct NormalizationWelford : IRowMoments
{
    public static Applicability Supports(NormalizationProblem p, Target target) =>
        Applicability.If(p.Centers, "no mean is subtracted").And(NormalizationDriver<NormalizationWelford>.Supports(p, target));

    public static double CostHint(Request<NormalizationProblem> r) => NormalizationCost.Of(r, 1.3, 25, 2);

    // A block's sums, its mean, and those of the last pass; merging is double.
    public static ErrorBound Error(NormalizationProblem p, Target target) => ErrorBound.Relative(RowSums.Chain(p.Length, target.Lanes) + 8);

    public static (double Mean, double Sum) Of<S, V>(RowStatistics statistics, RowSegments row, out double total) where S : struct, ISimd<V> where V : unmanaged
    {
        var merged = new MergedMoments();
        for (nint s = 0; s < row.Segments; s++)
            for (nint done = 0; done < row.Length; done += RowSums.Block)
            {
                nint n = Math.Min(RowSums.Block, row.Length - done);
                (double mean, double sum) = NormalizationTwoPass.Of<S, V>(statistics, row.Part(s, done, n), out _);
                merged.Add(n, mean, sum);
            }
        return merged.Result(out total);
    }
}
