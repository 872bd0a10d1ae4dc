namespace Ai3.Ops;

/// <summary>
/// Support vectors for each pair of classes, whose decisions are votes; or, without vectors, a linear score for each class. Scores are
/// the pairs' own, or probabilities of the classes where prob_a and prob_b are given.
/// </summary>
internal sealed class SvmClassifierModel : Predictor
{
    // The matrices of pairs are indexed by int.
    private const int MaxClasses = 20_000;

    private readonly double[] _coefficients, _vectors, _rho, _probA, _probB;
    private readonly int[] _first;
    private readonly int _classes, _pairs, _vectorCount;
    private readonly SvmKernel _kernel;
    private readonly PostTransform _transform;
    private readonly bool _allPositive;

    public SvmClassifierModel(Attributes attributes)
    {
        Labels = ClassLabels.Read(attributes, "classlabels_ints", "classlabels_strings");
        (_classes, _transform) = (Labels.Count, PostTransforms.Read(attributes));
        _coefficients = ModelAttributes.Doubles(attributes, "coefficients");
        _rho = ModelAttributes.Doubles(attributes, "rho");
        _probA = ModelAttributes.Doubles(attributes, "prob_a");
        _probB = ModelAttributes.Doubles(attributes, "prob_b");
        _first = FirstVectors(ModelAttributes.Ints(attributes, "vectors_per_class"));
        _vectorCount = _first[^1];
        _allPositive = Array.TrueForAll(_coefficients, c => c >= 0);
        bool isLinear = _vectorCount == 0;
        _kernel = isLinear ? SvmKernel.Linear : SvmKernel.Read(attributes);
        _vectors = isLinear ? _coefficients : ModelAttributes.Doubles(attributes, "support_vectors");
        if (!isLinear && _classes is (< 2 or > MaxClasses))
            throw new OpException($"{_classes} labels are told apart in pairs, must be 2 to {MaxClasses}");
        _pairs = isLinear ? 0 : _classes * (_classes - 1) / 2;
        if (isLinear)
            CheckLinear();
        else
            CheckPairs();
        Features = _vectors.Length / (isLinear ? _classes : _vectorCount);
        Columns = isLinear || HasProbabilities ? _classes : _classes == 2 ? 2 : _pairs;
    }

    public override int Features { get; }

    public override int Columns { get; }

    public override int Chain => 1;

    // Kernel values, scores of pairs, votes, a matrix of pair probabilities and two of its size for their solution.
    public override int Scratch => _vectorCount + _pairs + _classes + (HasProbabilities ? PairCoupling.Scratch(_classes) : 0);

    private bool HasProbabilities => _probA.Length > 0 && _vectorCount > 0;

    public override int Predict(ReadOnlySpan<double> x, bool isDouble, Span<double> scores, Span<double> scratch)
    {
        if (_vectorCount == 0)
        {
            for (int c = 0; c < _classes; c++)
                scores[c] = _kernel.Of(x, _vectors.AsSpan(c * Features, Features)) + _rho[0];
            return FinishLinear(scores);
        }
        Span<double> values = scratch[.._vectorCount];
        for (int v = 0; v < values.Length; v++)
            values[v] = _kernel.Of(x, _vectors.AsSpan(v * Features, Features));
        return FinishPairs(values, scores, scratch[_vectorCount..]);
    }

    public override int Evaluate(double[] x, Span<double> scores, Span<double> magnitudes)
    {
        int count = _vectorCount == 0 ? _classes : _vectorCount;
        var values = new double[count];
        var errors = new double[count];
        for (int v = 0; v < count; v++)
            (values[v], errors[v]) = _kernel.Evaluate(x, _vectors, v * Features);
        bool isSure = true;
        double largest = Math.Abs(_rho[0]);
        int place;
        if (_vectorCount == 0)
        {
            for (int c = 0; c < count; c++)
                (scores[c], largest) = (values[c] + _rho[0], Math.Max(largest, errors[c] + Math.Abs(_rho[0])));
            double margin = 1e-9 * largest, best = values.Max();
            isSure = values.Count(v => best - v <= margin) == 1 && Math.Abs(best + _rho[0]) > margin && Math.Abs(best + _rho[0] - 0.5) > margin;
            place = FinishLinear(scores);
        }
        else
        {
            for (int i = 0, pair = 0; i < _classes; i++)
                for (int j = i + 1; j < _classes; j++, pair++)
                {
                    double sum = Decision(values, i, j, pair), s = Math.Abs(_rho[pair]);
                    for (int v = _first[i]; v < _first[i + 1]; v++)
                        s += Math.Abs(_coefficients[(j - 1) * _vectorCount + v]) * errors[v];
                    for (int v = _first[j]; v < _first[j + 1]; v++)
                        s += Math.Abs(_coefficients[i * _vectorCount + v]) * errors[v];
                    isSure &= Math.Abs(sum) > 1e-9 * s;
                    largest = Math.Max(largest, s);
                }
            place = FinishPairs(values, scores, new double[Scratch]);
        }
        for (int i = 0; i < Columns; i++)
            magnitudes[i] = largest + Math.Abs(scores[i]);
        return isSure && double.IsFinite(largest) ? place : -1;
    }

    private double Decision(ReadOnlySpan<double> values, int i, int j, int pair)
    {
        double sum = 0;
        for (int v = _first[i]; v < _first[i + 1]; v++)
            sum += _coefficients[(j - 1) * _vectorCount + v] * values[v];
        for (int v = _first[j]; v < _first[j + 1]; v++)
            sum += _coefficients[i * _vectorCount + v] * values[v];
        return sum + _rho[pair];
    }

    private int FinishPairs(ReadOnlySpan<double> values, Span<double> scores, Span<double> scratch)
    {
        Span<double> decisions = scratch[.._pairs], votes = scratch.Slice(_pairs, _classes);
        votes.Clear();
        for (int i = 0, pair = 0; i < _classes; i++)
            for (int j = i + 1; j < _classes; j++, pair++)
            {
                decisions[pair] = Decision(values, i, j, pair);
                votes[decisions[pair] > 0 ? i : j]++;
            }
        int place = 0;
        for (int c = 1; c < _classes; c++)
            if (votes[c] > votes[place])
                place = c;
        if (HasProbabilities)
            PairCoupling.Solve(decisions, _probA, _probB, scores, scratch[(_pairs + _classes)..]);
        else if (_classes == 2)
            (scores[0], scores[1]) = (-decisions[0], decisions[0]);
        else
            decisions.CopyTo(scores);
        PostTransforms.Apply(_transform, scores);
        return place;
    }

    // Of two classes the second is chosen by the sign of the best score, or by 1/2 where no coefficient is negative.
    private int FinishLinear(Span<double> scores)
    {
        int place = 0;
        for (int c = 1; c < scores.Length; c++)
            if (scores[c] > scores[place])
                place = c;
        if (_classes == 2 && (_allPositive ? scores[place] >= 0.5 : scores[place] > 0))
            place = 1;
        PostTransforms.Apply(_transform, scores);
        return place;
    }

    private int[] FirstVectors(long[] counts)
    {
        if (counts.Length == 0)
            return [0];
        ModelAttributes.RequireLength("vectors_per_class", counts.Length, _classes, "the labels");
        var first = new int[counts.Length + 1];
        for (int i = 0; i < counts.Length; i++)
            first[i + 1] = counts[i] >= 0 && counts[i] <= Array.MaxLength - first[i] ? (int)(first[i] + counts[i])
                : throw new OpException($"vectors_per_class has {counts[i]}, must be 0 or more, and all together at most {Array.MaxLength}");
        return first;
    }

    private void CheckLinear()
    {
        if (_coefficients.Length == 0 || _coefficients.Length % _classes != 0 || _rho.Length == 0)
            throw new OpException($"coefficients has {_coefficients.Length} entries and rho {_rho.Length}, must have as many for each of {_classes} classes, and one");
    }

    private void CheckPairs()
    {
        if (_coefficients.Length != (long)(_classes - 1) * _vectorCount)
            throw new OpException($"coefficients has {_coefficients.Length} entries, must have {_classes - 1} for each of {_vectorCount} vectors");
        if (_vectors.Length == 0 || _vectors.Length % _vectorCount != 0)
            throw new OpException($"support_vectors has {_vectors.Length} entries, must have as many for each of {_vectorCount} vectors");
        if (_rho.Length != _pairs)
            throw new OpException($"rho has {_rho.Length} entries, must have {_pairs}, one for each pair of classes");
        if (_probA.Length != _probB.Length || (_probA.Length > 0 && _probA.Length != _pairs))
            throw new OpException($"prob_a has {_probA.Length} entries and prob_b {_probB.Length}, must have none, or {_pairs}, one for each pair of classes");
    }
}
