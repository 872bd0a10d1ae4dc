namespace Ai3.Ops;

/// <summary>score = sum of coefficients times kernel values, plus rho; its sign for one class.</summary>
internal sealed class SvmRegressorModel : Predictor
{
    private readonly double[] _coefficients, _vectors;
    private readonly double _rho;
    private readonly int _count;
    private readonly SvmKernel _kernel;
    private readonly PostTransform _transform;
    private readonly bool _isOneClass;

    public SvmRegressorModel(Attributes attributes)
    {
        _coefficients = ModelAttributes.Doubles(attributes, "coefficients");
        double[] rho = ModelAttributes.Doubles(attributes, "rho");
        long supports = attributes.Int("n_supports", 0);
        (_transform, _isOneClass) = (PostTransforms.Read(attributes), attributes.Flag("one_class"));
        if (_coefficients.Length == 0 || rho.Length == 0)
            throw new OpException("coefficients and rho must have an entry each");
        _rho = rho[0];
        // Without support vectors the coefficients are the one vector of a linear model.
        (_count, _kernel) = supports > 0 ? (_coefficients.Length, SvmKernel.Read(attributes)) : (1, SvmKernel.Linear);
        _vectors = supports > 0 ? ModelAttributes.Doubles(attributes, "support_vectors") : _coefficients;
        if (supports > 0 && (supports != _coefficients.Length || _vectors.Length == 0 || _vectors.Length % supports != 0))
            throw new OpException($"{supports} supports have {_coefficients.Length} coefficients and {_vectors.Length} entries of vectors, must have one and a vector each");
        Features = _vectors.Length / _count;
        if (supports <= 0)
            _coefficients = [1];
    }

    public override int Features { get; }

    public override int Columns => 1;

    public override int Chain => 1;

    public override int Predict(ReadOnlySpan<double> x, bool isDouble, Span<double> scores, Span<double> scratch)
    {
        double sum = 0;
        for (int i = 0; i < _count; i++)
            sum += _coefficients[i] * _kernel.Of(x, _vectors.AsSpan(i * Features, Features));
        Finish(sum + _rho, scores);
        return 0;
    }

    public override int Evaluate(double[] x, Span<double> scores, Span<double> magnitudes)
    {
        double sum = _rho, s = Math.Abs(_rho);
        for (int i = 0; i < _count; i++)
        {
            (double value, double magnitude) = _kernel.Evaluate(x, _vectors, i * Features);
            sum += _coefficients[i] * value;
            s += Math.Abs(_coefficients[i]) * magnitude;
        }
        // A sign that hangs on rounding is off by 2 at most.
        bool isUnsure = _isOneClass && !(Math.Abs(sum) > 1e-9 * s);
        Finish(sum, scores);
        magnitudes[0] = isUnsure ? double.PositiveInfinity : s + Math.Abs(scores[0]);
        return 0;
    }

    private void Finish(double sum, Span<double> scores)
    {
        scores[0] = _isOneClass ? sum > 0 ? 1 : -1 : sum;
        if (!_isOneClass)
            PostTransforms.Apply(_transform, scores);
    }
}
