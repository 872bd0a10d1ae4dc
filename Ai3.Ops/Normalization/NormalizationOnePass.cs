using System.Numerics;
using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>
/// The sum of x and of x^2 in one pass, squares about the mean as their difference: sum x^2 - (sum x)^2 / n. In float32 that loses every
/// digit once the mean is 4000 deviations away, so the sums are double and begin at an element of the row, the shift of Chan, Golub and LeVeque 1983.
/// </summary>
/// <remarks>
/// With the shift a member of a block, (mean - shift)^2 is at most n variances: the difference cancels at most n + 1 fold, whatever the data, n
/// being a block's elements; blocks are merged. x - shift is exact in double but for elements 2^29 times apart. Portable vectors of double, in two
/// sums of each kind.
/// </remarks>
internal readonly unsafe struct NormalizationOnePass : IRowMoments
{
    // Elements of a block: large enough for merging to cost nothing, so small that cancellation costs 2 u.
    private const int Block = 65536;

    public static Applicability Supports(NormalizationProblem p, Target target) =>
        Applicability.If(p.Centers, "no mean is subtracted").And(NormalizationDriver<NormalizationOnePass>.Supports(p, target));

    public static double CostHint(Request<NormalizationProblem> r) => NormalizationCost.Of(r, 1.25, 20, 2);

    // gamma of a chain of n / 4 additions (two sums of two lanes at least) in double, times the cancellation; the mean and the last pass, 8 in float32.
    public static ErrorBound Error(NormalizationProblem p, Target target)
    {
        double n = Math.Min(Block, p.Length);
        return ErrorBound.Relative(8 + Math.ScaleB((n / 4 + 8) * (n + 1), -29));
    }

    public static (double Mean, double Sum) Of<S, V>(RowStatistics statistics, RowSegments row, out double total) where S : struct, ISimd<V> where V : unmanaged
    {
        var merged = new MergedMoments();
        for (nint s = 0; s < row.Segments; s++)
            for (nint done = 0; done < row.Length; done += Block)
            {
                nint n = Math.Min(Block, row.Length - done);
                float* x = row.Segment(s) + done;
                double shift = *x;
                (double first, double second) = Sums(x, n, shift);
                // NaN compares false, and must stay.
                merged.Add(n, shift + first / n, double.IsNaN(second) ? second : Math.Max(0, second - first * first / n));
            }
        return merged.Result(out total);
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
