using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Resamples one axis after the other in double, with the weights as the standard's text lists them: a fixed number of neighbours to either side
/// of the position, seen from the whole number below it.
/// </summary>
internal static class ResizeOracle
{
    public static OracleResult Evaluate(ResizeProblem problem, IReadOnlyList<double[]?> inputs)
    {
        double[] values = inputs[0]!, sums = Array.ConvertAll(values, Math.Abs);
        // In double a weight's own terms, which cancel, round as coarsely as the sums.
        double terms = problem.Type != DType.Float64 ? 0 : problem.Mode == ResizeMode.Cubic ? 40 * (1 + Math.Abs(problem.CubicA)) : 2;
        long inner = 1, outer = problem.Axes.Aggregate(1L, (n, a) => n * a.In);
        for (int i = problem.Axes.Length - 1; i >= 0; i--)
        {
            ResizeAxis axis = problem.Axes[i];
            outer = axis.In == 0 ? 0 : outer / axis.In;
            if (!axis.IsIdentity)
            {
                (long Index, double Weight)[]?[] taps = [.. Enumerable.Range(0, (int)axis.Out).Select(o => Taps(problem, axis, o))];
                values = Along(values, outer, axis, inner, taps, problem.Extrapolation, w => w);
                sums = Along(sums, outer, axis, inner, taps, Math.Abs(problem.Extrapolation), w => Math.Abs(w) + terms);
            }
            inner *= axis.Out;
        }
        // Whole numbers that rounding in double has missed.
        if (problem.Type.IsInteger())
            values = Array.ConvertAll(values, v => Math.Round(v * (1 << 20)) / (1 << 20));
        return new OracleResult([values], [sums]);
    }

    private static double[] Along(double[] x, long outer, ResizeAxis axis, long inner, (long Index, double Weight)[]?[] taps, double outside, Func<double, double> weigh)
    {
        var y = new double[outer * axis.Out * inner];
        for (long n = 0; n < outer; n++)
            for (long o = 0; o < axis.Out; o++)
                for (long l = 0; l < inner; l++)
                {
                    double sum = outside;
                    if (taps[o] is { } samples)
                    {
                        sum = samples.Length == 1 && samples[0].Weight == 1 ? weigh(1) * x[(n * axis.In + samples[0].Index) * inner + l] : 0;
                        if (samples.Length != 1 || samples[0].Weight != 1)
                            foreach ((long index, double weight) in samples)
                                sum += weigh(weight) * x[(n * axis.In + index) * inner + l];
                    }
                    y[(n * axis.Out + o) * inner + l] = sum;
                }
        return y;
    }

    // Null outside the input under TfCropAndResize.
    private static (long Index, double Weight)[]? Taps(ResizeProblem p, ResizeAxis axis, long o)
    {
        double scale = axis.Scale != 0 ? axis.Scale : (double)axis.Out / axis.In, length = axis.Scale != 0 ? axis.Scale * axis.In : axis.Out;
        double Shrunk(double position) => Single(p, axis.Scale != 0 ? position / axis.Scale : position * axis.In / axis.Out);
        double x = p.Coordinates switch
        {
            ResizeCoordinates.HalfPixel => Shrunk(o + 0.5) - 0.5,
            ResizeCoordinates.PytorchHalfPixel => axis.Out == 1 ? 0 : Shrunk(o + 0.5) - 0.5,
            ResizeCoordinates.HalfPixelSymmetric => axis.In / 2.0 * (1 - axis.Out / length) + Shrunk(o + 0.5) - 0.5,
            ResizeCoordinates.AlignCorners => length == 1 ? 0 : Single(p, o * (double)(axis.In - 1) / (length - 1)),
            ResizeCoordinates.Asymmetric => Shrunk(o),
            ResizeCoordinates.TfHalfPixelForNn => Shrunk(o + 0.5),
            _ => length == 1 ? (axis.Start + axis.End) * (axis.In - 1) / 2
                : axis.Start * (axis.In - 1) + o * (axis.End - axis.Start) * (axis.In - 1) / (length - 1),
        };
        if (p.Coordinates == ResizeCoordinates.TfCropAndResize && (x < 0 || x > axis.In - 1))
            return null;
        double below = Math.Floor(x), ratio = x - below;
        if (p.Mode == ResizeMode.Nearest)
        {
            bool up = p.Rounding switch
            {
                NearestRounding.PreferFloor => ratio > 0.5,
                NearestRounding.PreferCeil => ratio >= 0.5,
                NearestRounding.Floor => false,
                NearestRounding.Ceil => ratio > 0,
                _ => scale < 1 && ratio > 0,
            };
            return [(Within(up ? below + 1 : below, axis), 1)];
        }
        double stretch = p.Antialias && scale < 1 ? scale : 1;
        int half = (int)Math.Ceiling((p.Mode == ResizeMode.Linear ? 1 : 2) / stretch);
        var weights = new double[2 * half + 1];
        for (int i = -half; i <= half; i++)
            weights[i + half] = p.Mode == ResizeMode.Linear ? Math.Max(0, 1 - Math.Abs(stretch * (i - ratio))) : Kernel(Math.Abs(stretch * (i - ratio)), p.CubicA);
        if (stretch < 1)
            weights = Normal(weights);
        if (p.ExcludeOutside)
        {
            for (int i = -half; i <= half; i++)
                if (below + i < 0 || below + i >= axis.In)
                    weights[i + half] = 0;
            weights = Normal(weights);
        }
        return [.. weights.Select((w, i) => (Index: Within(below + i - half, axis), Weight: w)).GroupBy(t => t.Index)
            .Select(g => (g.Key, g.Sum(t => t.Weight))).Where(t => Math.Abs(t.Item2) > 1e-14)];
    }

    // The standard's polynomials in factors: near whole distances their terms cancel to nothing.
    private static double Kernel(double d, double a) => d switch
    {
        0 => 1,
        < 1 => (d - 1) * ((a + 2) * d * d - d - 1),
        > 1 and < 2 => (d - 1) * (a * Math.Pow(d - 2, 2)),
        _ => 0,
    };

    private static double[] Normal(double[] weights)
    {
        double sum = weights.Sum();
        return Array.ConvertAll(weights, w => sum == 0 ? 0 : w / sum);
    }

    private static long Within(double index, ResizeAxis axis) => (long)Math.Min(Math.Max(index, 0), axis.In - 1);

    private static double Single(ResizeProblem p, double quotient) => p.Mode == ResizeMode.Nearest && quotient < 65536 ? (float)quotient : quotient;
}
