namespace Ai3.Ops;

/// <summary>
/// The input samples and weights of every output sample along one axis: output o is the sum over t of
/// Weights[o*Count + t] * x[Indices[o*Count + t]].
/// </summary>
/// <remarks>
/// Positions beyond the ends stand for the end samples. Weights that are 0 (within 1e-14) are left out, so that a NaN or an infinity does not
/// reach an output that it has no part in; what is missing to Count taps has index In and weight 0, and comes last.
/// </remarks>
internal sealed class ResizeTaps
{
    private const double Negligible = 1e-14;

    private ResizeTaps(int count, long outputs)
    {
        Count = count;
        Indices = new int[checked(outputs * count)];
        Weights = new double[Indices.Length];
    }

    /// <summary>Taps of each output, 1 or more.</summary>
    public int Count { get; }

    public int[] Indices { get; }

    public double[] Weights { get; }

    /// <summary>For each output whether it lies outside the input and takes the extrapolation value; null if none does.</summary>
    public bool[]? Outside { get; private set; }

    /// <summary>The weights in single precision.</summary>
    public float[] SingleWeights() => Array.ConvertAll(Weights, w => (float)w);

    /// <summary>The taps along an axis of fewer than 2^31 samples.</summary>
    public static ResizeTaps Of(ResizeProblem problem, ResizeAxis axis)
    {
        var taps = new List<(int Index, double Weight)>();
        int count = 1;
        for (long o = 0; o < axis.Out; o++)
        {
            Fill(problem, axis, o, taps);
            count = Math.Max(count, taps.Count);
        }
        var result = new ResizeTaps(count, axis.Out);
        for (long o = 0; o < axis.Out; o++)
        {
            if (!Fill(problem, axis, o, taps))
                (result.Outside ??= new bool[axis.Out])[o] = true;
            for (int t = 0; t < count; t++)
                (result.Indices[o * count + t], result.Weights[o * count + t]) = t < taps.Count ? taps[t] : ((int)axis.In, 0);
        }
        return result;
    }

    /// <summary>For each output of an axis the input sample it copies; -1 for the extrapolation value.</summary>
    public static int[] Nearest(ResizeProblem problem, ResizeAxis axis)
    {
        var map = new int[axis.Out];
        for (int o = 0; o < map.Length; o++)
        {
            double x = axis.IsIdentity ? o : ResizePosition.Of(problem, axis, o);
            map[o] = axis.IsIdentity ? o : IsOutside(problem, axis, x) ? -1 : ResizePosition.Nearest(problem, axis, x);
        }
        return map;
    }

    private static bool IsOutside(ResizeProblem problem, ResizeAxis axis, double x) =>
        problem.Coordinates == ResizeCoordinates.TfCropAndResize && !(x >= 0 && x <= axis.In - 1);

    // False if the output lies outside the input.
    private static bool Fill(ResizeProblem problem, ResizeAxis axis, long o, List<(int Index, double Weight)> taps)
    {
        taps.Clear();
        if (axis.IsIdentity)
        {
            taps.Add(((int)o, 1));
            return true;
        }
        double x = ResizePosition.Of(problem, axis, o);
        if (IsOutside(problem, axis, x))
            return false;
        if (problem.Mode == ResizeMode.Nearest)
            taps.Add((ResizePosition.Nearest(problem, axis, x), 1));
        else
            Weigh(problem, axis, x, taps);
        return true;
    }

    private static void Weigh(ResizeProblem problem, ResizeAxis axis, double x, List<(int Index, double Weight)> taps)
    {
        double shrink = problem.Antialias ? Math.Min(1, axis.Ratio) : 1, reach = (problem.Mode == ResizeMode.Linear ? 1 : 2) / shrink;
        double last = Math.Floor(x + reach), sum = 0;
        for (double i = Math.Ceiling(x - reach); i <= last; i++)
        {
            if (problem.ExcludeOutside && (i < 0 || i > axis.In - 1))
                continue;
            double w = problem.Mode == ResizeMode.Linear ? Triangle((i - x) * shrink) : Cubic((i - x) * shrink, problem.CubicA);
            sum += w;
            int index = (int)Math.Clamp(i, 0, axis.In - 1);
            if (taps.Count > 0 && taps[^1].Index == index)
                taps[^1] = (index, taps[^1].Weight + w);
            else
                taps.Add((index, w));
        }
        if (sum == 0)
            taps.Clear();
        if (shrink < 1 || problem.ExcludeOutside)
            for (int t = 0; t < taps.Count; t++)
                taps[t] = (taps[t].Index, taps[t].Weight / sum);
        taps.RemoveAll(static t => Math.Abs(t.Weight) <= Negligible);
    }

    private static double Triangle(double distance) => Math.Max(0, 1 - Math.Abs(distance));

    // Keys 1981: the kernel is 1 at 0 and 0 at all other whole distances. In factors, so that weights near those zeros keep their relative precision.
    private static double Cubic(double distance, double a)
    {
        double d = Math.Abs(distance);
        if (d == Math.Floor(d) || d >= 2)
            return d == 0 ? 1 : 0;
        return d < 1 ? (1 - d) * (1 + d - (a + 2) * d * d) : a * (d - 1) * (2 - d) * (2 - d);
    }
}
