namespace Ai3.Ops;

/// <summary>Functions of one element that can end or begin a fused operation.</summary>
public enum ActivationKind
{
    /// <summary>x.</summary>
    None,
    /// <summary>max(x, 0).</summary>
    Relu,
    /// <summary>min(max(x, Alpha), Beta).</summary>
    Clip,
    /// <summary>x if x >= 0, else Alpha x.</summary>
    LeakyRelu,
    /// <summary>1 / (1 + exp(-x)).</summary>
    Sigmoid,
    /// <summary>tanh(x).</summary>
    Tanh,
    /// <summary>min(max(Alpha x + Beta, 0), 1).</summary>
    HardSigmoid,
    /// <summary>x min(max(x/6 + 1/2, 0), 1).</summary>
    HardSwish,
    /// <summary>x / (1 + exp(-Alpha x)).</summary>
    Swish,
    /// <summary>x/2 (1 + erf(x / sqrt(2))).</summary>
    Gelu,
    /// <summary>x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).</summary>
    GeluTanh,
    /// <summary>x tanh(log(1 + exp(x))).</summary>
    Mish,
    /// <summary>x if x >= 0, else Alpha (exp(x) - 1).</summary>
    Elu,
    /// <summary>log(1 + exp(x)).</summary>
    Softplus,
}

/// <summary>An activation with its constants.</summary>
/// <param name="Kind">The function.</param>
/// <param name="Alpha">Its first constant.</param>
/// <param name="Beta">Its second constant.</param>
public readonly record struct Activation(ActivationKind Kind, float Alpha = 0, float Beta = 0)
{
    /// <summary>The identity.</summary>
    public static Activation None => default;

    /// <summary>max(x, 0).</summary>
    public static Activation Relu => new(ActivationKind.Relu);

    /// <summary>True for the identity, ReLU and Clip: min(max(x, <see cref="Low"/>), <see cref="High"/>).</summary>
    public bool IsClamp => Kind is ActivationKind.None or ActivationKind.Relu or ActivationKind.Clip;

    /// <summary>The lower bound of a clamp.</summary>
    public float Low => Kind switch { ActivationKind.Relu => 0, ActivationKind.Clip => Alpha, _ => float.NegativeInfinity };

    /// <summary>The upper bound of a clamp.</summary>
    public float High => Kind == ActivationKind.Clip ? Beta : float.PositiveInfinity;

    /// <summary>The value at x, in double; NaN stays NaN.</summary>
    public double Evaluate(double x) => Kind switch
    {
        ActivationKind.None => x,
        ActivationKind.Relu => x < 0 ? 0 : x,
        ActivationKind.Clip => x < Alpha ? Math.Min(Alpha, Beta) : x > Beta ? Beta : x,
        ActivationKind.LeakyRelu => x < 0 ? Alpha * x : x,
        ActivationKind.Sigmoid => 1 / (1 + Math.Exp(-x)),
        ActivationKind.Tanh => Math.Tanh(x),
        ActivationKind.HardSigmoid => double.IsNaN(x) ? x : Math.Min(Math.Max(Alpha * x + Beta, 0), 1),
        ActivationKind.HardSwish => double.IsNaN(x) ? x : x * Math.Min(Math.Max(x / 6 + 0.5, 0), 1),
        ActivationKind.Swish => x / (1 + Math.Exp(-Alpha * x)),
        ActivationKind.Gelu => 0.5 * x * ReferenceMath.OnePlusErf(x / Math.Sqrt(2)),
        ActivationKind.GeluTanh => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
        ActivationKind.Mish => x * Math.Tanh(Softplus(x)),
        ActivationKind.Elu => x < 0 ? Alpha * ReferenceMath.ExpM1(x) : x,
        ActivationKind.Softplus => Softplus(x),
        _ => throw new InvalidOperationException($"activation {Kind} has no definition"),
    };

    /// <summary>The largest slope: an error before the activation grows by at most this factor.</summary>
    public double Lipschitz => Kind switch
    {
        ActivationKind.LeakyRelu or ActivationKind.Elu => Math.Max(1, Math.Abs(Alpha)),
        ActivationKind.Sigmoid => 0.25,
        ActivationKind.HardSigmoid => Math.Abs(Alpha),
        ActivationKind.HardSwish => 1.5,
        // The largest are 1.0999 where |Alpha x| is 2.3994, 1.1290 near x = sqrt(2), and 1.0885 at x = 1.4906.
        ActivationKind.Swish => 1.1,
        ActivationKind.Gelu or ActivationKind.GeluTanh => 1.13,
        ActivationKind.Mish => 1.09,
        _ => 1,
    };

    /// <summary>The word in a problem key, such as <c>relu</c> or <c>clip(0,6)</c>; empty for the identity.</summary>
    public override string ToString() => Kind switch
    {
        ActivationKind.None => "",
        ActivationKind.Clip or ActivationKind.HardSigmoid => FormattableString.Invariant($"{Kind.ToString().ToLowerInvariant()}({Alpha:R},{Beta:R})"),
        ActivationKind.LeakyRelu or ActivationKind.Swish or ActivationKind.Elu => FormattableString.Invariant($"{Kind.ToString().ToLowerInvariant()}({Alpha:R})"),
        _ => Kind.ToString().ToLowerInvariant(),
    };

    /// <summary>Reads the word of a problem key.</summary>
    public static bool TryParse(string text, out Activation activation)
    {
        activation = default;
        int open = text.IndexOf('(');
        string name = open < 0 ? text : text[..open];
        if (!Enum.TryParse(name, ignoreCase: true, out ActivationKind kind) || kind == ActivationKind.None || char.IsAsciiDigit(name[0]))
            return false;
        string[] constants = open < 0 ? [] : text[(open + 1)..].TrimEnd(')').Split(',');
        var values = new float[2];
        for (int i = 0; i < constants.Length && i < 2; i++)
            if (!float.TryParse(constants[i], System.Globalization.CultureInfo.InvariantCulture, out values[i]))
                return false;
        activation = new Activation(kind, values[0], values[1]);
        return true;
    }

    private static double Softplus(double x) => x > 0 ? x + ReferenceMath.LogP1(Math.Exp(-x)) : ReferenceMath.LogP1(Math.Exp(x));
}
