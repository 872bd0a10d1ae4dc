namespace Ai3.Ops;

/// <summary>The recurrence in double, with the sums of absolute products beside every value.</summary>
internal static class LinearAttentionOracle
{
    public static OracleResult Evaluate(LinearAttentionProblem p, IReadOnlyList<double[]?> inputs)
    {
        long dk = p.KeySize, dv = p.ValueSize, group = p.Heads / p.KvHeads;
        double[] y = new double[p.Batch * p.Tokens * p.Heads * dv], sizes = new double[y.Length];
        double[] state = inputs[3] is { } past ? (double[])past.Clone() : new double[p.Batch * p.KvHeads * dk * dv];
        double[] stateSizes = Array.ConvertAll(state, Math.Abs);
        for (long b = 0; b < p.Batch; b++)
            for (long h = 0; h < p.KvHeads; h++)
                for (long t = 0; t < p.Tokens; t++)
                {
                    long token = b * p.Tokens + t, s = (b * p.KvHeads + h) * dk * dv, k = (token * p.KvHeads + h) * dk, v = (token * p.KvHeads + h) * dv;
                    for (long i = 0; p.Gated && i < dk; i++)
                    {
                        double g = inputs[4]![p.DecayPerKey ? k + i : token * p.KvHeads + h], factor = Math.Exp(g);
                        for (long j = 0; j < dv; j++)
                        {
                            state[s + i * dv + j] *= factor;
                            stateSizes[s + i * dv + j] = InRange(stateSizes[s + i * dv + j] * factor * (1 + Math.Abs(g)));
                        }
                    }
                    double beta = !p.Delta ? 1 : inputs[5]![p.BetaPerHead ? token * p.KvHeads + h : token];
                    for (long j = 0; j < dv; j++)
                    {
                        double add = inputs[2]![v + j], size = Math.Abs(add);
                        for (long i = 0; p.Delta && i < dk; i++)
                        {
                            add -= state[s + i * dv + j] * inputs[1]![k + i];
                            size += stateSizes[s + i * dv + j] * Math.Abs(inputs[1]![k + i]);
                        }
                        for (long i = 0; i < dk; i++)
                        {
                            state[s + i * dv + j] += inputs[1]![k + i] * beta * add;
                            stateSizes[s + i * dv + j] = InRange(stateSizes[s + i * dv + j] + Math.Abs(inputs[1]![k + i] * beta) * size);
                        }
                    }
                    for (long q = h * group; q < (h + 1) * group; q++)
                        for (long j = 0; j < dv; j++)
                        {
                            double sum = 0, size = 0;
                            for (long i = 0; i < dk; i++)
                            {
                                double x = inputs[0]![(token * p.Heads + q) * dk + i];
                                sum += x * state[s + i * dv + j];
                                size += Math.Abs(x) * stateSizes[s + i * dv + j];
                            }
                            y[(token * p.Heads + q) * dv + j] = p.Scale * sum;
                            sizes[(token * p.Heads + q) * dv + j] = InRange(Math.Abs(p.Scale) * size);
                        }
                }
        return p.OutputCount == 1 ? new OracleResult([y], [sizes]) : new OracleResult([y, state], [sizes, stateSizes]);
    }

    // Where float32 may overflow on the way, nothing is known.
    private static double InRange(double size) => size < float.MaxValue / 8 ? size : double.PositiveInfinity;
}
