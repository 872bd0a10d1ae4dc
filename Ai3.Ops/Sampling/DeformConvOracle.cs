namespace Ai3.Ops;

/// <summary>DeformConv in double, output by output and tap by tap: the definition.</summary>
internal static class DeformConvOracle
{
    public static OracleResult Evaluate(DeformConvProblem p, IReadOnlyList<double[]?> inputs)
    {
        double[] values = new double[p.Outputs[0].Shape.Count], sums = new double[values.Length];
        long positions = p.Positions, taps = p.Taps, plane = p.Axes.Aggregate(1L, (n, a) => n * a.In);
        int axes = p.Axes.Length;
        for (long i = 0; i < values.Length; i++)
        {
            long o = i % positions, m = i / positions % p.M, n = i / positions / p.M, group = m / (p.M / p.Group);
            (values[i], sums[i]) = (inputs[3]?[m] ?? 0, Math.Abs(inputs[3]?[m] ?? 0));
            for (long c = 0; c < p.C / p.Group; c++)
            {
                long channel = group * (p.C / p.Group) + c, offsetGroup = channel / (p.C / p.OffsetGroups);
                for (long tap = 0; tap < taps; tap++)
                {
                    long at = (n * p.OffsetGroups + offsetGroup) * taps + tap, left = o, rest = tap;
                    double mask = inputs[4]?[at * positions + o] ?? 1, weight = inputs[1]![(m * (p.C / p.Group) + c) * taps + tap];
                    var place = new double[axes];
                    for (int a = axes - 1; a >= 0; a--)
                    {
                        WindowAxis axis = p.Axes[a];
                        place[a] = left % axis.Out * axis.Stride - axis.PadBegin + rest % axis.Kernel * axis.Dilation + inputs[2]![(at * axes + a) * positions + o];
                        left /= axis.Out;
                        rest /= axis.Kernel;
                    }
                    (double value, double size) = Sample(p, inputs[0]!, (n * p.C + channel) * plane, plane, place, 0);
                    values[i] += weight * (mask * value);
                    sums[i] += Math.Abs(weight * mask) * size;
                }
            }
        }
        return new OracleResult([values], [sums]);
    }

    private static (double Value, double Size) Sample(DeformConvProblem p, double[] x, long start, long count, double[] place, int axis)
    {
        if (axis == place.Length)
            return (x[start], Math.Abs(x[start]));
        if (place.Any(double.IsNaN))
            return (double.NaN, double.NaN);
        double below = Math.Floor(place[axis]), value = 0, size = 0;
        if (!double.IsFinite(below))
            return (0, 0);
        long length = p.Axes[axis].In;
        for (int side = 0; side < 2; side++)
        {
            double index = below + side, weight = side == 0 ? 1 - (place[axis] - below) : place[axis] - below;
            if (weight == 0 || index < 0 || index >= length)
                continue;
            (double inside, double sum) = Sample(p, x, start + (long)index * (count / length), count / length, place, axis + 1);
            value += weight * inside;
            size += weight * sum;
        }
        return (value, size);
    }
}
