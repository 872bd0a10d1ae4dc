using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Pools in double by gathering each window's elements: the definition, for any number of axes.</summary>
internal static class PoolingOracle
{
    public static OracleResult Evaluate(PoolingProblem problem, IReadOnlyList<double[]?> inputs)
    {
        double[] x = inputs[0]!;
        WindowAxis[] axes = [.. problem.Axes];
        long plane = axes.Aggregate(1L, (size, a) => size * a.In);
        long outPlane = axes.Aggregate(1L, (size, a) => size * a.Out);
        var values = new double[problem.N * problem.C * outPlane];
        var magnitudes = new double[values.Length];
        var indices = new double[problem.Indices ? values.Length : 0];
        var position = new long[axes.Length];
        var window = new List<long>();
        for (long o = 0; o < outPlane; o++)
        {
            double padded = Window(axes, o, position, window);
            for (long p = 0; p < problem.N * problem.C; p++)
            {
                long at = p * outPlane + o;
                long first = window.Count > 0 ? window[0] : 0;
                switch (problem.Kind)
                {
                    case PoolKind.Max:
                        double largest = Lowest(problem);
                        foreach (long i in window)
                            if (x[p * plane + i] > largest || double.IsNaN(x[p * plane + i]) && !double.IsNaN(largest))
                                (largest, first) = (x[p * plane + i], i);
                        (values[at], magnitudes[at]) = (largest, Math.Abs(largest));
                        if (problem.Indices)
                            indices[at] = p * plane + (problem.ColumnMajor ? Reversed(axes, first) : first);
                        break;
                    case PoolKind.Average:
                        double count = problem.CountIncludePad ? padded : window.Count;
                        values[at] = window.Sum(i => x[p * plane + i]) / count;
                        magnitudes[at] = window.Sum(i => Math.Abs(x[p * plane + i])) / count;
                        break;
                    default:
                        values[at] = Math.Pow(window.Sum(i => Math.Pow(Math.Abs(x[p * plane + i]), problem.Exponent)), 1.0 / problem.Exponent);
                        magnitudes[at] = values[at];
                        break;
                }
            }
        }
        return problem.Indices ? new OracleResult([values, indices], [magnitudes, indices]) : new OracleResult([values], [magnitudes]);
    }

    private static double Lowest(PoolingProblem problem) => problem.Type switch
    {
        DType.Int8 => sbyte.MinValue,
        DType.UInt8 => 0,
        _ => double.NegativeInfinity,
    };

    // Lists the flat positions in a plane that output o sees, in order; returns how many taps lie on the padded input.
    private static double Window(WindowAxis[] axes, long o, long[] position, List<long> window)
    {
        for (int a = axes.Length - 1; a >= 0; a--)
        {
            position[a] = o % axes[a].Out;
            o /= axes[a].Out;
        }
        window.Clear();
        window.Add(0);
        double padded = 1;
        for (int a = 0; a < axes.Length; a++)
        {
            WindowAxis axis = axes[a];
            var longer = new List<long>();
            double taps = 0;
            long i = position[a] * axis.Stride - axis.PadBegin;
            for (long k = 0; k < axis.Kernel && i < axis.In + axis.PadEnd; k++, i += axis.Dilation)
            {
                taps++;
                if (i >= 0 && i < axis.In)
                    longer.Add(i);
            }
            padded *= taps;
            List<long> next = [.. window.SelectMany(w => longer.Select(v => w * axis.In + v))];
            window.Clear();
            window.AddRange(next);
        }
        return padded;
    }

    private static long Reversed(WindowAxis[] axes, long index)
    {
        long result = 0, scale = 1;
        var position = new long[axes.Length];
        for (int a = axes.Length - 1; a >= 0; a--)
        {
            position[a] = index % Math.Max(1, axes[a].In);
            index /= Math.Max(1, axes[a].In);
        }
        for (int a = 0; a < axes.Length; a++)
        {
            result += position[a] * scale;
            scale *= axes[a].In;
        }
        return result;
    }
}
