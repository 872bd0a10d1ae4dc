using System.Collections.Immutable;
using System.Numerics.Tensors;

namespace Ai3.Ops;

/// <summary>scores = W x + b, then post transform and label. One row of W for two classes gives the second one's score, and minus it the first one's.</summary>
internal sealed class LinearModel : Predictor
{
    private readonly double[] _coefficients, _intercepts;
    private readonly PostTransform _transform;
    private readonly int _rows;

    private LinearModel(Attributes attributes, int rows, ClassLabels? labels)
    {
        _coefficients = ModelAttributes.Doubles(attributes, "coefficients");
        _intercepts = ModelAttributes.Doubles(attributes, "intercepts");
        _transform = PostTransforms.Read(attributes);
        _rows = rows;
        if (_intercepts.Length > 0 && _intercepts.Length != rows)
            throw new OpException($"intercepts has {_intercepts.Length} entries, must have {rows}, one for each row of coefficients");
        if (_coefficients.Length == 0 || _coefficients.Length % rows != 0)
            throw new OpException($"coefficients has {_coefficients.Length} entries, must have as many for each of {rows} rows, at least one");
        Features = _coefficients.Length / rows;
        Labels = labels?.WithSigns();
        Columns = labels is { Count: 2 } ? 2 : rows;
    }

    public override int Features { get; }

    public override int Columns { get; }

    public override int Chain => 1;

    public static LinearModel ReadClassifier(Attributes attributes)
    {
        ClassLabels labels = ClassLabels.Read(attributes, "classlabels_ints", "classlabels_strings");
        ImmutableArray<float> intercepts = attributes.Floats("intercepts");
        int rows = intercepts.IsDefaultOrEmpty ? labels.Count : intercepts.Length;
        if (rows != labels.Count && (rows, labels.Count) != (1, 2))
            throw new OpException($"intercepts has {rows} entries for {labels.Count} labels, must have one for each, or one for two");
        return new LinearModel(attributes, rows, labels);
    }

    public static LinearModel ReadRegressor(Attributes attributes)
    {
        long targets = attributes.Int("targets", 1);
        return targets is >= 1 and <= int.MaxValue ? new LinearModel(attributes, (int)targets, null) : throw new OpException($"targets is {targets}, must be 1 or more");
    }

    public override int Predict(ReadOnlySpan<double> x, bool isDouble, Span<double> scores, Span<double> scratch)
    {
        for (int r = 0; r < _rows; r++)
            scores[r] = TensorPrimitives.Dot(x, _coefficients.AsSpan(r * Features, Features)) + (_intercepts.Length > 0 ? _intercepts[r] : 0);
        return Finish(scores);
    }

    public override int Evaluate(double[] x, Span<double> scores, Span<double> magnitudes)
    {
        double largest = 0;
        for (int r = 0; r < _rows; r++)
        {
            double sum = _intercepts.Length > 0 ? _intercepts[r] : 0, s = Math.Abs(sum);
            for (int i = 0; i < Features; i++)
            {
                sum += x[i] * _coefficients[r * Features + i];
                s += Math.Abs(x[i] * _coefficients[r * Features + i]);
            }
            scores[r] = sum;
            largest = Math.Max(largest, s);
        }
        bool isSure = IsSure(scores[.._rows], largest);
        int place = Finish(scores);
        for (int i = 0; i < Columns; i++)
            magnitudes[i] = largest + Math.Abs(scores[i]);
        return isSure ? place : -1;
    }

    private int Finish(Span<double> scores)
    {
        int place = 0;
        if (Labels is not null && _rows == 1)
        {
            bool isPositive = scores[0] > 0;
            place = Columns == 2 ? 0 : 1;
            place += isPositive ? 1 : 0;
            if (Columns == 2)
                (scores[0], scores[1]) = (-scores[0], scores[0]);
        }
        else
        {
            for (int i = 1; i < scores.Length; i++)
                if (scores[i] > scores[place])
                    place = i;
        }
        PostTransforms.Apply(_transform, scores);
        return place;
    }

    // Whether the order of the scores does not hang on rounding.
    private static bool IsSure(ReadOnlySpan<double> scores, double magnitude)
    {
        double margin = 1e-9 * magnitude;
        if (!double.IsFinite(magnitude))
            return false;
        if (scores.Length == 1)
            return Math.Abs(scores[0]) > margin || magnitude == 0;
        double best = TensorPrimitives.Max(scores);
        int near = 0;
        foreach (double s in scores)
            near += best - s <= margin ? 1 : 0;
        return near == 1;
    }
}
