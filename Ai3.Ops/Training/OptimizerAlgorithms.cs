using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to compute the optimizers.</summary>
internal static class OptimizerAlgorithms
{
    public static ImmutableArray<Algorithm<OptimizerProblem>> All { get; } = [OptimizerDirect.Row, ReferenceAlgorithm.Of<OptimizerProblem>(Evaluate)];

    /// <summary>The rules as the standard writes them, in double.</summary>
    public static OracleResult Evaluate(OptimizerProblem p, IReadOnlyList<double[]?> inputs)
    {
        double rate = inputs[0]![0], count = inputs[1]![0];
        int n = p.Count, means = p.Groups - 2;
        var values = new double[n * (1 + means)][];
        var magnitudes = new double[values.Length][];
        for (int i = 0; i < n; i++)
        {
            double[] x = inputs[2 + i]!, g = inputs[2 + n + i]!, v = inputs[2 + 2 * n + i]!;
            double[]? h = means == 2 ? inputs[2 + 3 * n + i] : null;
            for (int k = 0; k <= means; k++)
                (values[k * n + i], magnitudes[k * n + i]) = (new double[x.Length], new double[x.Length]);
            for (int j = 0; j < x.Length; j++)
            {
                double gradient = p.Norm * x[j] + g[j], size = Math.Abs(p.Norm * x[j]) + Math.Abs(g[j]);
                double step, stepSize, first, firstSize, second = 0, secondSize = 0;
                switch (p.Rule)
                {
                    case OptimizerRule.Adagrad:
                        first = v[j] + gradient * gradient;
                        firstSize = Math.Abs(v[j]) + size * size;
                        double root = Math.Sqrt(first) + p.Epsilon, decayed = rate / (1 + count * p.Decay);
                        step = decayed * gradient / root;
                        stepSize = Math.Abs(decayed) * size / root * (1 + firstSize / first);
                        break;
                    case OptimizerRule.Adam:
                        first = p.Alpha * v[j] + (1 - (double)p.Alpha) * gradient;
                        firstSize = Math.Abs(p.Alpha * v[j]) + Math.Abs(1 - (double)p.Alpha) * size;
                        second = p.Beta * h![j] + (1 - (double)p.Beta) * gradient * gradient;
                        secondSize = Math.Abs(p.Beta * h[j]) + Math.Abs(1 - (double)p.Beta) * size * size;
                        double adjusted = count > 0 ? rate * Math.Sqrt(1 - Math.Pow(p.Beta, count)) / (1 - Math.Pow(p.Alpha, count)) : rate;
                        double spread = Math.Sqrt(second) + p.Epsilon;
                        step = adjusted * (first / spread);
                        stepSize = Math.Abs(adjusted) * firstSize / spread * (1 + secondSize / second);
                        break;
                    default:
                        double factor = count > 0 ? p.Beta : 1;
                        first = p.Alpha * v[j] + factor * gradient;
                        firstSize = Math.Abs(p.Alpha * v[j]) + Math.Abs(factor) * size;
                        bool ahead = p.Rule == OptimizerRule.Nesterov;
                        step = rate * (ahead ? gradient + p.Alpha * first : first);
                        stepSize = Math.Abs(rate) * (ahead ? size + Math.Abs(p.Alpha) * firstSize : firstSize);
                        break;
                }
                double keep = p.Rule == OptimizerRule.Adam ? 1 - (double)p.NormPost : 1;
                (values[i][j], magnitudes[i][j]) = (keep * (x[j] - step), Math.Abs(keep) * (Math.Abs(x[j]) + stepSize));
                (values[n + i][j], magnitudes[n + i][j]) = (first, firstSize);
                if (means == 2)
                    (values[2 * n + i][j], magnitudes[2 * n + i][j]) = (second, secondSize);
            }
        }
        return new OracleResult(values, magnitudes);
    }
}
