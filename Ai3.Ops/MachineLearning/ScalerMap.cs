using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Scaler: (x - offset) scale, for each feature or for all, rounded once to f32.</summary>
internal sealed class ScalerMap : FeatureMap
{
    private readonly double[] _offset, _scale;

    public ScalerMap(Attributes attributes)
    {
        (_offset, _scale) = (ModelAttributes.Doubles(attributes, "offset"), ModelAttributes.Doubles(attributes, "scale"));
        if (_offset.Length == 0 && _scale.Length > 0)
            _offset = new double[_scale.Length];
        if (_scale.Length == 0)
            _scale = [.. Enumerable.Repeat(1.0, Math.Max(_offset.Length, 1))];
        if (_offset.Length == 0)
            _offset = [0];
        ModelAttributes.RequireLength("scale", _scale.Length, _offset.Length, "offset");
    }

    public override int Features => _offset.Length > 1 ? _offset.Length : 0;

    public override unsafe void Run(void* x, void* y, DType type, long features, long begin, long end)
    {
        bool same = _offset.Length == 1;
        for (long row = begin; row < end; row++)
            for (long i = 0; i < features; i++)
                ((float*)y)[row * features + i] = (float)((ElementAccess.Read(x, type, row * features + i) - _offset[same ? 0 : i]) * _scale[same ? 0 : i]);
    }

    public override void Evaluate(ReadOnlySpan<double> x, Span<double> y, Span<double> magnitudes)
    {
        for (int i = 0; i < x.Length; i++)
        {
            int k = Features > 0 ? i : 0;
            y[i] = (x[i] - _offset[k]) * _scale[k];
            magnitudes[i] = (Math.Abs(x[i]) + Math.Abs(_offset[k])) * Math.Abs(_scale[k]);
        }
    }
}

/// <summary>Binarizer: 1 where x is greater than the threshold, otherwise 0, in the type of x.</summary>
internal sealed class BinarizerMap(Attributes attributes) : FeatureMap
{
    private readonly double _threshold = attributes.Float("threshold", 0);

    public override DType Output(DType input) => input;

    public override int Chain => 0;

    public override unsafe void Run(void* x, void* y, DType type, long features, long begin, long end)
    {
        for (long i = begin * features; i < end * features; i++)
            ElementAccess.Write(y, type, i, ElementAccess.Read(x, type, i) > _threshold ? 1 : 0);
    }

    public override void Evaluate(ReadOnlySpan<double> x, Span<double> y, Span<double> magnitudes)
    {
        for (int i = 0; i < x.Length; i++)
            magnitudes[i] = y[i] = x[i] > _threshold ? 1 : 0;
    }
}
