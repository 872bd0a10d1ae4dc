namespace Ai3.Ops;

/// <summary>Functions of a double that <see cref="Math"/> lacks.</summary>
internal static class RealMath
{
    private static readonly double[] s_coefficients = Coefficients();

    /// <summary>e^x - 1 without cancellation: within 6 u, u = 2^-53.</summary>
    public static double ExpM1(double x)
    {
        if (Math.Abs(x) > 0.5)
            return Math.Exp(x) - 1;
        double half = Math.Sinh(x / 2);
        return 2 * half * Math.Exp(x / 2);
    }

    /// <summary>log(1 + x) without cancellation: log(1 + x) = 2 atanh(x / (2 + x)). Within 5 u for x >= 0.</summary>
    public static double LogP1(double x) => Math.Abs(x) > 0.5 ? Math.Log(1 + x) : 2 * Math.Atanh(x / (2 + x));

    /// <summary>The error function: a Maclaurin series below 1, above it a continued fraction of its complement. Within 6 u of the result.</summary>
    public static double Erf(double x)
    {
        double a = Math.Abs(x);
        if (!(a > 1))
            return Series(x);
        double y = a > 6 ? 1 : 1 - Complement(a);
        return x < 0 ? -y : y;
    }

    /// <summary>1 + erf(x), whose digits stay where erf(x) is near -1.</summary>
    public static double OnePlusErf(double x) => x < -1 ? Complement(-x) : 1 + Erf(x);

    // 2/sqrt(pi) x sum (-x^2)^n / (n! (2n+1)), from its end.
    private static double Series(double x)
    {
        double square = -x * x, sum = 0;
        for (int n = s_coefficients.Length - 1; n >= 0; n--)
            sum = sum * square + s_coefficients[n];
        return x == 0 ? x : 2 / Math.Sqrt(Math.PI) * (x * sum);
    }

    private static double[] Coefficients()
    {
        var result = new double[20];
        double factorial = 1;
        for (int n = 0; n < result.Length; n++)
        {
            factorial *= Math.Max(n, 1);
            result[n] = 1 / (factorial * (2 * n + 1));
        }
        return result;
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
