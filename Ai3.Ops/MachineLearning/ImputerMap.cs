using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Imputer: one value, or NaN, replaced by another, for each feature or for all; in the type of x.</summary>
internal sealed class ImputerMap : FeatureMap
{
    private readonly double[] _values;
    private readonly long[] _integers;
    private readonly double _replaced;
    private readonly long _replacedInteger;

    public ImputerMap(Attributes attributes, DType type)
    {
        bool isFloat = type.IsFloat();
        ImmutableArray<float> floats = attributes.Floats("imputed_value_floats");
        ImmutableArray<long> integers = attributes.Ints("imputed_value_int64s");
        if (floats.IsDefaultOrEmpty == integers.IsDefaultOrEmpty)
            throw new OpException("give either imputed_value_floats or imputed_value_int64s");
        if (isFloat != !floats.IsDefaultOrEmpty)
            throw new OpException($"the imputed values are {(isFloat ? "integers" : "floats")}, must be of the kind of the {type.ShortName()} features");
        _values = floats.IsDefault ? [] : [.. floats];
        _integers = integers.IsDefault ? [] : [.. integers];
        (_replaced, _replacedInteger) = (attributes.Float("replaced_value_float", 0), attributes.Int("replaced_value_int64", 0));
        if (type == DType.Int32 && Array.Exists(_integers, v => v != (int)v))
            throw new OpException("an imputed value does not fit in i32");
    }

    public override int Features => Math.Max(_values.Length, _integers.Length) is > 1 and var count ? count : 0;

    public override DType Output(DType input) => input;

    public override int Chain => 0;

    public override unsafe void Run(void* x, void* y, DType type, long features, long begin, long end)
    {
        for (long row = begin; row < end; row++)
            for (long i = 0; i < features; i++)
            {
                long at = row * features + i, feature = Features > 0 ? i : 0;
                switch (type)
                {
                    case DType.Int64:
                        ((long*)y)[at] = ((long*)x)[at] == _replacedInteger ? _integers[feature] : ((long*)x)[at];
                        break;
                    case DType.Int32:
                        ((int*)y)[at] = ((int*)x)[at] == _replacedInteger ? (int)_integers[feature] : ((int*)x)[at];
                        break;
                    case DType.Float64:
                        ((double*)y)[at] = IsReplaced(((double*)x)[at]) ? _values[feature] : ((double*)x)[at];
                        break;
                    default:
                        ((float*)y)[at] = IsReplaced(((float*)x)[at]) ? (float)_values[feature] : ((float*)x)[at];
                        break;
                }
            }
    }

    public override void Evaluate(ReadOnlySpan<double> x, Span<double> y, Span<double> magnitudes)
    {
        for (int i = 0; i < x.Length; i++)
        {
            int feature = Features > 0 ? i : 0;
            y[i] = _values.Length > 0 ? IsReplaced(x[i]) ? _values[feature] : x[i] : x[i] == _replacedInteger ? _integers[feature] : x[i];
            magnitudes[i] = Math.Abs(y[i]);
        }
    }

    private bool IsReplaced(double v) => double.IsNaN(_replaced) ? double.IsNaN(v) : v == _replaced;
}
