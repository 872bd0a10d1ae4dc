using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Samples by a grid in double, one axis after the other, output by output: the definition.</summary>
internal static class GridSampleOracle
{
    public static OracleResult Evaluate(GridSampleProblem problem, IReadOnlyList<double[]?> inputs)
    {
        long positions = problem.Out.Aggregate(1L, (n, d) => n * d), plane = problem.In.Aggregate(1L, (n, d) => n * d);
        var values = new double[problem.N * problem.C * positions];
        var sums = new double[values.Length];
        int rank = problem.In.Length;
        for (long n = 0; n < problem.N; n++)
            for (long o = 0; o < positions; o++)
            {
                double[] position = [.. Enumerable.Range(0, rank).Select(a => Place(problem, problem.In[a], inputs[1]![(n * positions + o) * rank + rank - 1 - a]))];
                for (long c = 0; c < problem.C; c++)
                {
                    (double value, double size) = Sample(problem, inputs[0]!, (n * problem.C + c) * plane, plane, position, 0);
                    long at = (n * problem.C + c) * positions + o;
                    values[at] = problem.Type.IsInteger() ? Math.Round(value * (1 << 20)) / (1 << 20) : value;
                    sums[at] = size;
                }
            }
        return new OracleResult([values], [sums]);
    }

    private static (double Value, double Size) Sample(GridSampleProblem p, double[] x, long start, long count, double[] position, int axis)
    {
        if (axis == position.Length)
            return (x[start], Math.Abs(x[start]));
        if (position.Any(double.IsNaN))
            return (double.NaN, double.NaN);
        long length = p.In[axis], inner = count / length;
        double below = Math.Floor(position[axis]), r = position[axis] - below, value = 0, size = 0;
        (int First, double[] Weights) taps = p.Mode switch
        {
            ResizeMode.Nearest => (0, [1]),
            ResizeMode.Linear => (0, [1 - r, r]),
            _ => (-1, [Far(1 + r), Near(r), Near(1 - r), Far(2 - r)]),
        };
        for (int t = 0; t < taps.Weights.Length; t++)
        {
            double index = below + taps.First + t;
            if (taps.Weights[t] == 0 || p.Padding == GridPadding.Zeros && (index < 0 || index >= length))
                continue;
            if (index < 0 || index >= length)
                index = Math.Min(Math.Max(p.Padding == GridPadding.Border ? index : Math.Truncate(Mirrored(p, index, length)), 0), length - 1);
            (double inside, double sum) = Sample(p, x, start + (long)index * inner, inner, position, axis + 1);
            value = taps.Weights[t] == 1 && value == 0 ? inside : value + taps.Weights[t] * inside;
            size += Math.Abs(taps.Weights[t]) * sum;
        }
        return (value, size);
    }

    private static double Place(GridSampleProblem p, long length, double coordinate)
    {
        double x = p.AlignCorners ? (coordinate + 1) / 2 * (length - 1) : ((coordinate + 1) * length - 1) / 2;
        if (p.Mode == ResizeMode.Nearest)
            x = Math.Round((float)x, MidpointRounding.ToEven);
        double low = p.AlignCorners ? 0 : -0.5, high = length - 1 - low;
        if (x >= low && x <= high || double.IsNaN(x))
            return x;
        return p.Padding switch
        {
            GridPadding.Zeros => x < -4 ? -4 : x > length + 4 ? length + 4 : x,
            GridPadding.Border => x < 0 ? 0 : x > length - 1 ? length - 1 : x,
            _ => Mirrored(p, x, length),
        };
    }

    // Back and forth between the borders.
    private static double Mirrored(GridSampleProblem p, double x, long length)
    {
        double low = p.AlignCorners ? 0 : -0.5, range = length - 1 - 2 * low;
        if (range == 0)
            return low;
        double away = x < low ? low - x : x - (low + range), turns = Math.Floor(away / range), rest = away - turns * range;
        bool fromLow = x < low ? turns % 2 == 0 : turns % 2 != 0;
        return fromLow ? low + rest : low + range - rest;
    }

    private static double Near(double d) => (1.25 * d - 2.25) * d * d + 1;

    private static double Far(double d) => ((-0.75 * d + 3.75) * d - 6) * d + 3;
}
