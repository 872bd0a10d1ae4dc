namespace Ai3.Ops;

/// <summary>Functions in double for the element-wise oracle, by other formulas than the algorithms use.</summary>
internal static class ReferenceMath
{
    /// <summary>e^x - 1: a Taylor series near 0.</summary>
    public static double ExpM1(double x)
    {
        if (!(Math.Abs(x) < 0.3))
            return Math.Exp(x) - 1;
        double term = x, sum = x;
        for (int n = 2; n < 20; n++)
        {
            term *= x / n;
            sum += term;
        }
        return sum;
    }

    /// <summary>log(1 + x) for x >= 0: a Taylor series near 0.</summary>
    public static double LogP1(double x)
    {
        if (!(x < 0.1))
            return Math.Log(1 + x);
        double power = x, sum = x;
        for (int n = 2; n < 20; n++)
        {
            power *= -x;
            sum += power / n;
        }
        return sum;
    }

    /// <summary>The error function: 2/sqrt(pi) e^(-x^2) sum 2^n x^(2n+1) / (2n+1)!!, whose terms have one sign.</summary>
    public static double Erf(double x)
    {
        if (double.IsNaN(x) || x == 0)
            return x;
        if (Math.Abs(x) > 6)
            return Math.Sign(x);
        double term = x, sum = x;
        for (int n = 1; n < 300; n++)
        {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }
}
