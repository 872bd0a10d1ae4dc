namespace Ai3.Ops;

/// <summary>Functions of a double that <see cref="Math"/> lacks.</summary>
internal static class RealMath
{
    /// <summary>e^x - 1 without cancellation.</summary>
    public static double ExpM1(double x)
    {
        if (Math.Abs(x) > 0.5)
            return Math.Exp(x) - 1;
        double half = Math.Sinh(x / 2);
        return 2 * half * Math.Exp(x / 2);
    }

    /// <summary>log(1 + x) without cancellation: log(1 + x) = 2 atanh(x / (2 + x)).</summary>
    public static double LogP1(double x) => Math.Abs(x) > 0.5 ? Math.Log(1 + x) : 2 * Math.Atanh(x / (2 + x));

    /// <summary>The error function: a Maclaurin series below 1, above it a continued fraction of its complement.</summary>
    public static double Erf(double x)
    {
        double a = Math.Abs(x);
        if (!(a > 1))
            return Series(x);
        double y = a > 6 ? 1 : 1 - Complement(a);
        return x < 0 ? -y : y;
    }

    // 2/sqrt(pi) sum (-1)^n x^(2n+1) / (n! (2n+1))
    private static double Series(double x)
    {
        double power = x, sum = x;
        for (int n = 1; n < 24; n++)
        {
            power *= -x * x / n;
            sum += power / (2 * n + 1);
        }
        return x == 0 ? x : 2 / Math.Sqrt(Math.PI) * sum;
    }

    // e^(-x^2)/sqrt(pi) * 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + ...)))), from the back.
    private static double Complement(double x)
    {
        // The remainder falls as e^(-2 x sqrt(2 terms)): 2^-53 of the whole from 170 / x^2 on.
        int terms = (int)(20 + 170 / (x * x));
        double tail = x;
        for (int n = terms; n >= 1; n--)
            tail = x + n * 0.5 / tail;
        return Math.Exp(-x * x) / (Math.Sqrt(Math.PI) * tail);
    }
}
