using System.Collections.Immutable;
using System.Numerics.Tensors;

namespace Ai3.Ops;

/// <summary>The kernel function of a support vector machine.</summary>
internal sealed class SvmKernel
{
    private enum Kind
    {
        Linear,
        Poly,
        Rbf,
        Sigmoid,
    }

    private readonly Kind _kind;
    private readonly double _gamma, _coef0, _degree;

    private SvmKernel(Kind kind, double gamma, double coef0, double degree) => (_kind, _gamma, _coef0, _degree) = (kind, gamma, coef0, degree);

    /// <summary>The inner product.</summary>
    public static SvmKernel Linear { get; } = new(Kind.Linear, 0, 0, 0);

    public static SvmKernel Read(Attributes attributes)
    {
        Kind kind = attributes.String("kernel_type", "LINEAR") switch
        {
            "LINEAR" => Kind.Linear,
            "POLY" => Kind.Poly,
            "RBF" => Kind.Rbf,
            "SIGMOID" => Kind.Sigmoid,
            string other => throw new OpException($"kernel_type is {other}, must be LINEAR, POLY, RBF or SIGMOID"),
        };
        ImmutableArray<float> parameters = attributes.Floats("kernel_params");
        if (parameters.IsDefaultOrEmpty)
            return new SvmKernel(kind, 0, 0, 0);
        return parameters.Length == 3 ? new SvmKernel(kind, parameters[0], parameters[1], parameters[2])
            : throw new OpException($"kernel_params has {parameters.Length} entries, must have 3: gamma, coef0 and degree");
    }

    public double Of(ReadOnlySpan<double> x, ReadOnlySpan<double> vector)
    {
        if (_kind != Kind.Rbf)
            return OfProduct(TensorPrimitives.Dot(x, vector));
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
            sum += (x[i] - vector[i]) * (x[i] - vector[i]);
        return Math.Exp(-_gamma * sum);
    }

    /// <summary>The value by plain loops, and what its error scales with.</summary>
    public (double Value, double Magnitude) Evaluate(double[] x, double[] vectors, int first)
    {
        double product = 0, absolute = 0, distance = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double v = vectors[first + i];
            product += x[i] * v;
            absolute += Math.Abs(x[i] * v);
            distance += (x[i] - v) * (x[i] - v);
        }
        double value = _kind == Kind.Rbf ? Math.Exp(-_gamma * distance) : OfProduct(product);
        double magnitude = _kind switch
        {
            Kind.Linear => absolute,
            Kind.Poly => (1 + Math.Abs(_degree)) * Math.Pow(Math.Abs(_gamma) * absolute + Math.Abs(_coef0), _degree),
            Kind.Sigmoid => 1 + Math.Abs(_gamma) * absolute + Math.Abs(_coef0),
            _ => value * (1 + Math.Abs(_gamma) * distance),
        };
        return (value, Math.Max(magnitude, Math.Abs(value)));
    }

    private double OfProduct(double product) => _kind switch
    {
        Kind.Poly => Math.Pow(_gamma * product + _coef0, _degree),
        Kind.Sigmoid => Math.Tanh(_gamma * product + _coef0),
        _ => product,
    };
}
