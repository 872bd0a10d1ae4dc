namespace Ai3.Ops;

/// <summary>The end of a tree classifier: scores of two classes from votes for one, post transform, label.</summary>
/// <remarks>
/// With two classes and no base value for each, votes are often for one of them alone. Their sum s then speaks for the second class: it is
/// chosen if s &gt; 1/2 where all weights are positive (a probability), if s &gt; 0 otherwise (a margin). Votes that name the first class still
/// mean the second, and the first gets 1 - s or -s; votes that name the second leave the first at 0.
/// </remarks>
internal sealed class TreeLabel
{
    private readonly int _classes;
    private readonly PostTransform _transform;
    private readonly bool _isBinary, _namesSecond, _allPositive;

    public TreeLabel(TreeForest forest, int classes, PostTransform transform, bool hasBaseValues)
    {
        (_classes, _transform) = (classes, transform);
        _isBinary = classes == 2 && !hasBaseValues && forest.Targets.Distinct().Count() == 1;
        _namesSecond = _isBinary && forest.Targets[0] == 1;
        _allPositive = forest.Weights.All(w => w >= 0);
    }

    /// <summary>Transforms the scores in place; returns the place of the label, where those after the classes' own are 0 and 1.</summary>
    public int Finish(Span<double> scores, Span<double> voted)
    {
        int place = _classes == 2 ? OfTwo(scores, voted) : _classes == 1 ? _classes + (scores[0] > 0 ? 1 : 0) : Largest(scores, voted);
        PostTransforms.Apply(_transform, scores);
        return place;
    }

    private int OfTwo(Span<double> scores, Span<double> voted)
    {
        if (!_isBinary)
            return Largest(scores, voted);
        double s = _namesSecond ? scores[1] : scores[0];
        bool isProbability = _allPositive && _transform is PostTransform.None or PostTransform.Probit;
        if (!_namesSecond)
            (scores[0], scores[1]) = (isProbability ? 1 - s : -s, s);
        return s > (isProbability ? 0.5 : 0) ? 1 : 0;
    }

    private static int Largest(Span<double> scores, Span<double> voted)
    {
        int best = -1;
        for (int i = 0; i < scores.Length; i++)
            if (voted[i] != 0 && (best < 0 || scores[i] > scores[best]))
                best = i;
        return Math.Max(best, 0);
    }
}
