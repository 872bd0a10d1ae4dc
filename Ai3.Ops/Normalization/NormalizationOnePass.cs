using System.Numerics;
using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>
/// The sum of x and of x^2 in one pass, squares about the mean as their difference: sum x^2 - (sum x)^2 / n. In float32 that loses every
/// digit once the mean is 4000 deviations away, so the sums are double and begin at the row's first element, the shift of Chan, Golub and LeVeque 1983.
/// </summary>
/// <remarks>
/// With the shift a member of the row, (mean - shift)^2 is at most n variances: the difference cancels at most n + 1 fold, whatever the data.
/// x - shift is exact in double but for elements 2^29 times apart. Portable vectors of double, in two sums of each kind.
/// </remarks>
internal readonly unsafe struct NormalizationOnePass : IRowMoments
{
    public static Applicability Supports(NormalizationProblem p, Target target) =>
        Applicability.If(p.Centers, "no mean is subtracted").And(NormalizationDriver<NormalizationOnePass>.Supports(p, target));

    public static double CostHint(Request<NormalizationProblem> r) => NormalizationCost.Of(r, 1.8, 2);

    // gamma of a chain of n / 4 additions (two sums of two lanes at least) in double, times the cancellation; the mean and the last pass, 8 in float32.
    public static ErrorBound Error(NormalizationProblem p, Target target) =>
        ErrorBound.Relative(8 + Math.ScaleB((p.Length / 4.0 + 8) * (p.Length + 1.0), -29));

    public static (double Mean, double Sum) Of<S, V>(RowStatistics statistics, RowSegments row, out double total) where S : struct, ISimd<V> where V : unmanaged
    {
        double shift = row.Count > 0 ? *row.Segment(0) : 0, first = 0, second = 0;
        for (nint s = 0; s < row.Segments; s++)
        {
            (double one, double two) = Sums(row.Segment(s), row.Length, shift);
            first += one;
            second += two;
        }
        total = first + shift * row.Count;
        // NaN compares false, and must stay.
        double sum = double.IsNaN(second) ? second : Math.Max(0, second - first * first / row.Count);
        return (shift + first / row.Count, sum);
    }

    private static (double First, double Second) Sums(float* x, nint n, double shift)
    {
        var c = new Vector<double>(shift);
        Vector<double> a0 = Vector<double>.Zero, a1 = a0, b0 = a0, b1 = a0;
        nint i = 0;
        for (; i + Vector<float>.Count <= n; i += Vector<float>.Count)
        {
            Vector.Widen(Unsafe.ReadUnaligned<Vector<float>>(x + i), out Vector<double> low, out Vector<double> high);
            low -= c;
            high -= c;
            a0 += low;
            a1 += high;
            b0 += low * low;
            b1 += high * high;
        }
        double first = Vector.Sum(a0 + a1), second = Vector.Sum(b0 + b1);
        for (; i < n; i++)
        {
            double d = x[i] - shift;
            first += d;
            second += d * d;
        }
        return (first, second);
    }
}
