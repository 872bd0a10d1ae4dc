using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>The error an output element may have: docs/numerics.md in code.</summary>
internal sealed class ErrorLimit
{
    private readonly ErrorBound _bound;
    private readonly DType _type;
    private readonly double _u;
    private readonly double _outputU;
    private readonly double _tiny;
    private readonly double _largestS;
    private readonly double _norm;
    private readonly double? _alarm;
    private readonly Fusion _fusion;

    /// <param name="bound">What the row says.</param>
    /// <param name="type">The output's element type.</param>
    /// <param name="magnitudes">S of every element of the output.</param>
    /// <param name="alarm">The multiple of u * S that random signs may reach; null for none.</param>
    /// <param name="norm">For <see cref="ErrorKind.TileNorm"/>, the largest S with input 0 at its largest everywhere.</param>
    /// <param name="fusion">What is fused.</param>
    public ErrorLimit(ErrorBound bound, DType type, double[] magnitudes, double? alarm, double norm, Fusion fusion)
    {
        _norm = norm;
        _bound = bound;
        _type = type;
        _alarm = alarm;
        _fusion = fusion;
        _u = Math.ScaleB(1, type == DType.Float64 ? -53 : -24);
        _outputU = type switch { DType.Float16 => Math.ScaleB(1, -11), DType.BFloat16 => Math.ScaleB(1, -8), _ => 0 };
        _tiny = Spacing(type, 0);
        foreach (double s in magnitudes)
            if (double.IsFinite(s))
                _largestS = Math.Max(_largestS, s);
    }

    /// <summary>The greatest finite value of a float type.</summary>
    public static double Largest(DType type) => type switch
    {
        DType.Float64 => double.MaxValue,
        DType.Float16 => (double)Half.MaxValue,
        DType.BFloat16 => Math.ScaleB(255, 120),
        _ => float.MaxValue,
    };

    /// <summary>The distance between neighbours at a value: one unit in the last place.</summary>
    public static double Spacing(DType type, double value)
    {
        (int digits, int least) = type switch
        {
            DType.Float64 => (52, -1022),
            DType.Float16 => (10, -14),
            DType.BFloat16 => (7, -126),
            _ => (23, -126),
        };
        int exponent = value == 0 ? least : Math.Max(Math.ILogB(value), least);
        return Math.ScaleB(1, exponent - digits);
    }

    /// <summary>What the element may be off by.</summary>
    /// <param name="value">The oracle's value, finite.</param>
    /// <param name="s">Its S.</param>
    /// <param name="prologueS">Its S over the prologue's magnitudes, or 0.</param>
    public double Of(double value, double s, double prologueS)
    {
        double limit = _bound.Kind switch
        {
            ErrorKind.Ulp => _bound.Factor * Spacing(_type, value),
            ErrorKind.PerElement => Alarmed(Gamma(_bound.Factor) * s, s),
            ErrorKind.TileNorm => Alarmed(_bound.Factor * _u * _norm, _largestS),
            ErrorKind.Relative => Alarmed(_bound.Factor * _u * s, s),
            _ => 0,
        };
        if (_bound.Kind is not (ErrorKind.Exact or ErrorKind.Ulp))
            limit += _outputU * Math.Abs(value) + (_bound.Factor + 4) * _tiny;
        return limit + Epilogue(value, s) + Prologue(prologueS);
    }

    // The oracle sums in double as well, so its own rounding counts where the row is no coarser.
    private double Gamma(double chain)
    {
        double product = chain * _u;
        double gamma = product < 1 ? product / (1 - product) : double.PositiveInfinity;
        return _type == DType.Float64 ? 4 * gamma + 16 * _u : gamma;
    }

    private double Alarmed(double certificate, double s) => _alarm is { } alarm ? Math.Min(certificate, alarm * _u * s) : certificate;

    // One rounding of each partial result; functions are within the bounds of their own operators.
    private double Epilogue(double value, double s)
    {
        double limit = _fusion.Residual ? _u * s : 0;
        return limit + _fusion.Activation.Kind switch
        {
            ActivationKind.LeakyRelu => _u * s + _tiny,
            ActivationKind.Sigmoid or ActivationKind.Tanh => 8 * _u * Math.Abs(value) + _tiny,
            ActivationKind.HardSigmoid => 3 * _u * (1 + Math.Abs(_fusion.Activation.Beta)),
            ActivationKind.HardSwish => 4 * _u * s + _tiny,
            ActivationKind.Gelu => 6 * _u * s + _tiny,
            ActivationKind.Swish or ActivationKind.GeluTanh => 8 * _u * s + _tiny,
            ActivationKind.Mish => 12 * _u * s + _tiny,
            ActivationKind.Elu => 8 * _u * Math.Abs(value) + 2 * _tiny,
            ActivationKind.Softplus => 12 * _u * Math.Abs(value) + _tiny,
            _ => 0,
        };
    }

    private double Prologue(double prologueS)
    {
        if (!_fusion.Prologue)
            return 0;
        Activation activation = _fusion.PrologueActivation;
        double steps = activation.IsClamp ? 3 : 3 * Math.Max(1, activation.Lipschitz) + 8;
        double limit = steps * _u * prologueS;
        return double.IsNaN(limit) ? double.PositiveInfinity : limit;
    }
}
