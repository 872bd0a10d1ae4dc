namespace Ai3.Ops;

/// <summary>What is done to the scores of a row at the end; the numbers are those of TreeEnsemble.</summary>
internal enum PostTransform
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>exp(s) / sum of exp(s).</summary>
    Softmax = 1,
    /// <summary>1 / (1 + exp(-s)).</summary>
    Logistic = 2,
    /// <summary>Softmax of the scores that are not zero; zeros stay.</summary>
    SoftmaxZero = 3,
    /// <summary>The quantile function of the normal distribution.</summary>
    Probit = 4,
}

/// <summary>Names and values of post transforms.</summary>
internal static class PostTransforms
{
    private const double Zero = 1e-7;

    /// <summary>The transform that attribute post_transform names.</summary>
    public static PostTransform Read(Attributes attributes) => attributes.String("post_transform", "NONE") switch
    {
        "NONE" => PostTransform.None,
        "SOFTMAX" => PostTransform.Softmax,
        "LOGISTIC" => PostTransform.Logistic,
        "SOFTMAX_ZERO" => PostTransform.SoftmaxZero,
        "PROBIT" => PostTransform.Probit,
        string other => throw new OpException($"post_transform is {other}, must be NONE, SOFTMAX, LOGISTIC, SOFTMAX_ZERO or PROBIT"),
    };

    /// <summary>Transforms the scores of a row in place.</summary>
    public static void Apply(PostTransform transform, Span<double> scores)
    {
        switch (transform)
        {
            case PostTransform.Softmax:
                Softmax(scores, keepZeros: false);
                break;
            case PostTransform.SoftmaxZero:
                Softmax(scores, keepZeros: true);
                break;
            case PostTransform.Logistic:
                foreach (ref double s in scores)
                    s = Logistic(s);
                break;
            case PostTransform.Probit:
                foreach (ref double s in scores)
                    s = Probit(s);
                break;
            default:
                break;
        }
    }

    public static double Logistic(double s) => 1 / (1 + Math.Exp(-s));

    // Winitzki's approximation of the inverse error function, as the operator's reference has it: within 0.002.
    private static double Probit(double s)
    {
        double x = 2 * s - 1, log = Math.Log((1 - x) * (1 + x));
        double a = 2 / (Math.PI * 0.147) + 0.5 * log;
        double root = Math.Sqrt(Math.Sqrt(a * a - log / 0.147) - a);
        return Math.Sqrt(2) * (x < 0 ? -root : root);
    }

    private static void Softmax(Span<double> scores, bool keepZeros)
    {
        double largest = double.NegativeInfinity, sum = 0;
        foreach (double s in scores)
            largest = Math.Max(largest, s);
        foreach (ref double s in scores)
        {
            s = keepZeros && Math.Abs(s) <= Zero ? s * Math.Exp(-largest) : Math.Exp(s - largest);
            sum += s;
        }
        foreach (ref double s in scores)
            s = sum == 0 ? 0.5 : s / sum;
    }
}
