namespace Ai3.Ops;

/// <summary>The activations of recurrent operators.</summary>
internal enum RecurrentFunction
{
    Sigmoid,
    Tanh,
    Relu,
    Affine,
    LeakyRelu,
    ThresholdedRelu,
    ScaledTanh,
    HardSigmoid,
    Elu,
    Softsign,
    Softplus,
}

/// <summary>An activation with its constants.</summary>
/// <param name="Function">The function.</param>
/// <param name="Alpha">Its first constant, 0 where it has none.</param>
/// <param name="Beta">Its second constant, 0 where it has none.</param>
internal readonly record struct RecurrentActivation(RecurrentFunction Function, float Alpha = 0, float Beta = 0)
{
    /// <summary>True if the function has a first constant.</summary>
    public static bool TakesAlpha(RecurrentFunction function) => function is RecurrentFunction.Affine or RecurrentFunction.LeakyRelu
        or RecurrentFunction.ThresholdedRelu or RecurrentFunction.ScaledTanh or RecurrentFunction.HardSigmoid or RecurrentFunction.Elu;

    /// <summary>True if the function has a second constant.</summary>
    public static bool TakesBeta(RecurrentFunction function) =>
        function is RecurrentFunction.Affine or RecurrentFunction.ScaledTanh or RecurrentFunction.HardSigmoid;

    /// <summary>The function with the constants that its own operator has by default.</summary>
    public static RecurrentActivation Default(RecurrentFunction function) => function switch
    {
        RecurrentFunction.Affine => new(function, 1),
        RecurrentFunction.LeakyRelu => new(function, 0.01f),
        RecurrentFunction.ThresholdedRelu => new(function, 1),
        RecurrentFunction.ScaledTanh => new(function, 1, 1),
        RecurrentFunction.HardSigmoid => new(function, 0.2f, 0.5f),
        RecurrentFunction.Elu => new(function, 1),
        _ => new(function),
    };

    /// <summary>The value at x; NaN stays NaN.</summary>
    public double Evaluate(double x) => Function switch
    {
        RecurrentFunction.Sigmoid => 1 / (1 + Math.Exp(-x)),
        RecurrentFunction.Tanh => Math.Tanh(x),
        RecurrentFunction.Relu => x < 0 ? 0 : x,
        RecurrentFunction.Affine => Alpha * x + Beta,
        RecurrentFunction.LeakyRelu => x < 0 ? Alpha * x : x,
        RecurrentFunction.ThresholdedRelu => x < Alpha ? 0 : x,
        RecurrentFunction.ScaledTanh => Alpha * Math.Tanh(Beta * x),
        RecurrentFunction.HardSigmoid => double.IsNaN(x) ? x : Math.Clamp(Alpha * x + Beta, 0, 1),
        RecurrentFunction.Elu => x < 0 ? Alpha * RealMath.ExpM1(x) : x,
        RecurrentFunction.Softsign => double.IsInfinity(x) ? Math.Sign(x) : x / (1 + Math.Abs(x)),
        _ => Math.Max(x, 0) + RealMath.LogP1(Math.Exp(-Math.Abs(x))),
    };

    /// <summary>True if a larger x gives no smaller value.</summary>
    public bool IsMonotone => Alpha >= 0 && (Function != RecurrentFunction.ScaledTanh || Beta >= 0);
}
