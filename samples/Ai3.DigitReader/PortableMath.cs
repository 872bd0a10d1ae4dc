namespace Ai3.DigitReader;

/// <summary>The exponential from additions and multiplications alone: the system's own differs in the last bit between machines.</summary>
internal static class PortableMath
{
    private const int Terms = 16;

    /// <summary>e^x for |x| up to 700.</summary>
    public static double Exp(double x)
    {
        double power = Math.Round(x / 0.6931471805599453);
        double rest = x - power * 0.6931471805599453;
        double sum = 1;
        for (int i = Terms; i >= 1; i--)
            sum = 1 + sum * rest / i;
        return Math.ScaleB(sum, (int)power);
    }
}
