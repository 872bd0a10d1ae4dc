namespace Ai3.Ops;

/// <summary>Class probabilities from those of pairs: the second method of Wu, Lin and Weng 2004, as LIBSVM iterates it.</summary>
internal static class PairCoupling
{
    private const int MaxIterations = 100;
    private const double Least = 1e-7;

    /// <summary>Doubles of scratch memory.</summary>
    public static int Scratch(int classes) => 2 * classes * classes + classes;

    /// <summary>Writes the probabilities of the classes.</summary>
    /// <param name="decisions">The decision value of each pair i &lt; j, by i then j.</param>
    /// <param name="a">The slope of each pair's sigmoid.</param>
    /// <param name="b">Its offset.</param>
    /// <param name="p">The probabilities.</param>
    /// <param name="scratch">Memory.</param>
    public static void Solve(ReadOnlySpan<double> decisions, double[] a, double[] b, Span<double> p, Span<double> scratch)
    {
        int k = p.Length;
        Span<double> r = scratch[..(k * k)], q = scratch.Slice(k * k, k * k), qp = scratch.Slice(2 * k * k, k);
        for (int i = 0, pair = 0; i < k; i++)
            for (int j = i + 1; j < k; j++, pair++)
            {
                double first = Math.Clamp(1 - PostTransforms.Logistic(decisions[pair] * a[pair] + b[pair]), Least, 1 - Least);
                (r[i * k + j], r[j * k + i]) = (first, 1 - first);
            }
        for (int i = 0; i < k; i++)
        {
            q[i * k + i] = 0;
            for (int j = 0; j < k; j++)
                if (j != i)
                {
                    q[i * k + i] += r[j * k + i] * r[j * k + i];
                    q[i * k + j] = -r[j * k + i] * r[i * k + j];
                }
        }
        p.Fill(1.0 / k);
        for (int iteration = 0; iteration < MaxIterations; iteration++)
        {
            double product = 0, worst = 0;
            for (int i = 0; i < k; i++)
            {
                qp[i] = 0;
                for (int j = 0; j < k; j++)
                    qp[i] += q[i * k + j] * p[j];
                product += p[i] * qp[i];
            }
            foreach (double v in qp)
                worst = Math.Max(worst, Math.Abs(v - product));
            if (worst < 0.005 / k)
                return;
            Step(q, qp, p, product);
        }
    }

    // One round over the coordinates; the probabilities add up to 1 after each.
    private static void Step(ReadOnlySpan<double> q, Span<double> qp, Span<double> p, double product)
    {
        int k = p.Length;
        for (int i = 0; i < k; i++)
        {
            double own = q[i * k + i], d = (product - qp[i]) / own, scale = 1 + d;
            p[i] += d;
            product = (product + d * (d * own + 2 * qp[i])) / (scale * scale);
            for (int j = 0; j < k; j++)
            {
                qp[j] = (qp[j] + d * q[i * k + j]) / scale;
                p[j] /= scale;
            }
        }
    }
}
