namespace Ai3.Ops;

/// <summary>Functions in double for the element-wise oracle, by other formulas than the algorithms use.</summary>
internal static class ReferenceMath
{
    private const int Nodes = 12;

    // Of the quadrature over [-1, 1]: nodes and weights.
    private static readonly (double Node, double Weight)[] s_rule = [.. Enumerable.Range(0, Nodes).Select(GaussLegendre)];

    /// <summary>e^x - 1: below 1 a Taylor series from its end. Within 5 u of the result, u = 2^-53.</summary>
    public static double ExpM1(double x)
    {
        if (!(Math.Abs(x) < 1))
            return Math.Exp(x) - 1;
        double sum = 0;
        for (int n = 22; n >= 2; n--)
            sum = x / n * (1 + sum);
        return x * (1 + sum);
    }

    /// <summary>log(1 + x) for x >= 0: the logarithm of the rounded 1 + x, made up for what was rounded (Kahan). Within 5 u.</summary>
    public static double LogP1(double x)
    {
        double rounded = 1 + x;
        return rounded == 1 || !(x < 1) ? x < 1 ? x : Math.Log(rounded) : Math.Log(rounded) * x / (rounded - 1);
    }

    /// <summary>The error function: 2/sqrt(pi) times the integral of e^(-t^2), by Gauss and Legendre's rule on pieces of up to 1/2. Within 6 u.</summary>
    public static double Erf(double x)
    {
        if (double.IsNaN(x) || x == 0)
            return x;
        // From here 1 is the nearest double.
        if (Math.Abs(x) > 5.93)
            return Math.Sign(x);
        int pieces = (int)Math.Ceiling(Math.Abs(x) * 2);
        double width = x / pieces, sum = 0, lost = 0;
        for (int piece = 0; piece < pieces; piece++)
            foreach ((double node, double weight) in s_rule)
            {
                double t = (piece + 0.5 + 0.5 * node) * width, term = weight * Math.Exp(-t * t) - lost, next = sum + term;
                lost = next - sum - term;
                sum = next;
            }
        return sum * (width / Math.Sqrt(Math.PI));
    }

    /// <summary>1 + erf(x), below -1/2 as 2/sqrt(pi) e^(-x^2) times the integral of e^(-2 |x| s - s^2) over s >= 0, which has no cancellation.</summary>
    public static double OnePlusErf(double x)
    {
        if (!(x < -0.5))
            return 1 + Erf(x);
        const int Pieces = 16;
        double z = -x, width = Math.Min(7, 20 / z) / Pieces, sum = 0;
        for (int piece = Pieces - 1; piece >= 0; piece--)
            foreach ((double node, double weight) in s_rule)
            {
                double s = (piece + 0.5 + 0.5 * node) * width;
                sum += weight * Math.Exp(-s * (2 * z + s));
            }
        return Math.Exp(-z * z) * sum * (width / Math.Sqrt(Math.PI));
    }

    // Newton's iteration on the Legendre polynomial from a cosine near its root.
    private static (double, double) GaussLegendre(int index)
    {
        double x = Math.Cos(Math.PI * (index + 0.75) / (Nodes + 0.5)), slope = 0;
        for (int step = 0; step < 8; step++)
        {
            double before = 1, value = x;
            for (int n = 2; n <= Nodes; n++)
                (before, value) = (value, ((2 * n - 1) * x * value - (n - 1) * before) / n);
            slope = Nodes * (x * value - before) / (x * x - 1);
            x -= value / slope;
        }
        return (x, 2 / ((1 - x * x) * slope * slope));
    }
}
