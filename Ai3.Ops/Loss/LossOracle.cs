namespace Ai3.Ops;

/// <summary>The losses by their definition, in double.</summary>
internal static class LossOracle
{
    public static OracleResult Evaluate(LossProblem p, IReadOnlyList<double[]?> inputs)
    {
        double[] x = inputs[0]!, target = inputs[1]!, y = x, sizes = Array.ConvertAll(x, Math.Abs);
        if (p.Softmax)
            (y, sizes) = LogSoftmax(p, x);
        double[]? weight = inputs[2];
        var losses = new double[p.Count];
        var lossSizes = new double[p.Count];
        double total = 0, totalSize = 0;
        for (long i = 0; i < p.Count; i++)
        {
            if (p.Ignored == (long)target[i])
                continue;
            long at = (i / p.Inner * p.Classes + (long)target[i]) * p.Inner + i % p.Inner;
            double factor = weight is null ? 1 : weight[(long)target[i]];
            losses[i] = -y[at] * factor;
            lossSizes[i] = sizes[at] * Math.Abs(factor);
            total += factor;
            totalSize += Math.Abs(factor);
        }
        if (p.Reduction != LossReduction.None)
        {
            double divisor = p.Reduction == LossReduction.Mean ? total : 1, growth = p.Reduction == LossReduction.Mean ? Math.Max(totalSize / Math.Abs(total), 1) : 1;
            lossSizes = [lossSizes.Sum() / Math.Abs(divisor) * growth];
            losses = [losses.Sum() / divisor];
        }
        return p.WithLogProb ? new OracleResult([losses, y], [lossSizes, sizes]) : new OracleResult([losses], [lossSizes]);
    }

    private static (double[] Values, double[] Sizes) LogSoftmax(LossProblem p, double[] x)
    {
        var values = new double[x.Length];
        var sizes = new double[x.Length];
        for (long i = 0; i < p.Count; i++)
        {
            long first = i / p.Inner * p.Classes * p.Inner + i % p.Inner;
            double max = double.NegativeInfinity, sum = 0;
            for (long c = 0; c < p.Classes; c++)
                max = Math.Max(max, x[first + c * p.Inner]);
            for (long c = 0; c < p.Classes; c++)
                sum += Math.Exp(x[first + c * p.Inner] - max);
            for (long c = 0; c < p.Classes; c++)
            {
                long at = first + c * p.Inner;
                values[at] = x[at] - max - Math.Log(sum);
                sizes[at] = Math.Abs(x[at]) + Math.Abs(max) + Math.Abs(Math.Log(sum)) + 1;
            }
        }
        return (values, sizes);
    }
}
