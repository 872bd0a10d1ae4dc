namespace Ai3.Ops;

/// <summary>The end of a tree classifier: scores of two classes from votes for one, post transform, label.</summary>
/// <remarks>
/// With two classes, votes are often for one of them alone. Its score s then decides: s &gt; 1/2 where all weights are positive (a
/// probability, the other class has 1 - s), s &gt; 0 otherwise (a margin, the other has -s).
/// </remarks>
internal sealed class TreeLabel
{
    private readonly int _classes;
    private readonly PostTransform _transform;
    private readonly bool _oneClassVotes, _allPositive;

    public TreeLabel(TreeForest forest, int classes, PostTransform transform)
    {
        (_classes, _transform) = (classes, transform);
        _oneClassVotes = classes == 2 && forest.Targets.Distinct().Count() == 1;
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
        if (!_oneClassVotes)
            return Largest(scores, voted);
        double s = voted[1] != 0 ? scores[1] : scores[0];
        bool isProbability = _allPositive && _transform is PostTransform.None or PostTransform.Probit;
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
