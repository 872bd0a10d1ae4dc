namespace Ai3.Ops;

/// <summary>How the votes for a target become its score; the numbers are those of TreeEnsemble.</summary>
internal enum TreeAggregate
{
    /// <summary>The sum divided by the number of trees.</summary>
    Average = 0,
    /// <summary>The sum, by order of the trees.</summary>
    Sum = 1,
    /// <summary>The smallest.</summary>
    Min = 2,
    /// <summary>The largest.</summary>
    Max = 3,
}

/// <summary>Trees, how their votes are put together, and the end: base values, post transform, label.</summary>
internal sealed class TreeModel : Predictor
{
    /// <summary>The most targets.</summary>
    public const int MaxTargets = 1 << 20;

    private readonly TreeLabel? _label;

    private TreeModel(TreeForest forest, int targets, double[] baseValues, TreeAggregate aggregate, PostTransform transform, ClassLabels? labels)
    {
        (Forest, Columns, BaseValues, Aggregate, Transform) = (forest, targets, baseValues, aggregate, transform);
        Labels = labels?.WithSigns();
        _label = labels is null ? null : new TreeLabel(forest, targets, transform, baseValues.Length == targets);
        if (baseValues.Length != 0 && baseValues.Length != targets && !(baseValues.Length == 1 && targets == 2))
            throw new OpException($"base_values has {baseValues.Length} entries, must have {targets}, one for each target");
    }

    public TreeForest Forest { get; }

    public double[] BaseValues { get; }

    public TreeAggregate Aggregate { get; }

    public PostTransform Transform { get; }

    public override int Features => Forest.FeatureCount;

    public override bool TakesMoreFeatures => true;

    public override int Columns { get; }

    public override int Chain => Forest.Roots.Length + 2;

    public override int Scratch => Columns;

    public static TreeModel ReadClassifier(Attributes attributes)
    {
        ClassLabels labels = ClassLabels.Read(attributes, "classlabels_int64s", "classlabels_strings");
        int targets = labels.Count;
        TreeForest forest = TreeAttributes.Read(attributes, "class", ref targets);
        return new TreeModel(forest, targets, ModelAttributes.Doubles(attributes, "base_values"), TreeAggregate.Sum, PostTransforms.Read(attributes), labels);
    }

    public static TreeModel ReadRegressor(Attributes attributes)
    {
        int targets = TargetCount(attributes);
        TreeForest forest = TreeAttributes.Read(attributes, "target", ref targets);
        TreeAggregate aggregate = attributes.String("aggregate_function", "SUM") switch
        {
            "AVERAGE" => TreeAggregate.Average,
            "SUM" => TreeAggregate.Sum,
            "MIN" => TreeAggregate.Min,
            "MAX" => TreeAggregate.Max,
            string other => throw new OpException($"aggregate_function is {other}, must be AVERAGE, SUM, MIN or MAX"),
        };
        return new TreeModel(forest, targets, ModelAttributes.Doubles(attributes, "base_values"), aggregate, PostTransforms.Read(attributes), null);
    }

    public static TreeModel ReadEnsemble(Attributes attributes)
    {
        int targets = TargetCount(attributes);
        TreeForest forest = TreeEnsembleAttributes.Read(attributes, ref targets);
        long aggregate = attributes.Int("aggregate_function", 1), transform = attributes.Int("post_transform", 0);
        if (aggregate is < 0 or > 3 || transform is < 0 or > 4)
            throw new OpException($"aggregate_function is {aggregate} and post_transform {transform}, must be 0 to 3 and 0 to 4");
        return new TreeModel(forest, targets, [], (TreeAggregate)aggregate, (PostTransform)transform, null);
    }

    public override int Predict(ReadOnlySpan<double> x, bool isDouble, Span<double> scores, Span<double> scratch)
    {
        Span<double> voted = scratch[..Columns];
        scores.Clear();
        voted.Clear();
        isDouble |= Forest.IsDouble;
        foreach (int root in Forest.Roots)
        {
            int leaf = Forest.Leaf(root, x);
            for (int v = Forest.FirstVote[leaf]; v < Forest.FirstVote[leaf + 1]; v++)
                Vote(ref scores[Forest.Targets[v]], ref voted[Forest.Targets[v]], Forest.Weights[v], isDouble);
        }
        return Finish(scores, voted, isDouble);
    }

    /// <summary>What follows the votes.</summary>
    /// <param name="scores">The aggregated votes, then the scores.</param>
    /// <param name="voted">For each target, not 0 if a tree voted for it.</param>
    /// <param name="isDouble">True if results are not rounded to float.</param>
    /// <returns>The place of the label.</returns>
    public int Finish(Span<double> scores, Span<double> voted, bool isDouble)
    {
        for (int t = 0; t < scores.Length; t++)
        {
            if (Aggregate == TreeAggregate.Average)
                scores[t] = Rounded(scores[t] / Forest.Roots.Length, isDouble);
            if (t < BaseValues.Length)
            {
                scores[t] = Rounded(scores[t] + BaseValues[t], isDouble);
                // One base value of two classes is the first one's, whose votes may be all there are.
                if (BaseValues.Length == scores.Length)
                    voted[t] = 1;
            }
        }
        if (_label is not null)
            return _label.Finish(scores, voted);
        PostTransforms.Apply(Transform, scores);
        return 0;
    }

    public override int Evaluate(double[] x, Span<double> scores, Span<double> magnitudes)
    {
        var voted = new double[Columns];
        foreach (int root in Forest.Roots)
        {
            int leaf = Forest.Leaf(root, x);
            for (int v = Forest.FirstVote[leaf]; v < Forest.FirstVote[leaf + 1]; v++)
            {
                int t = Forest.Targets[v];
                double weight = Forest.Weights[v];
                scores[t] = voted[t] == 0 ? weight : Aggregate switch
                {
                    TreeAggregate.Min => Math.Min(scores[t], weight),
                    TreeAggregate.Max => Math.Max(scores[t], weight),
                    _ => scores[t] + weight,
                };
                voted[t] = 1;
                magnitudes[t] += Math.Abs(weight);
            }
        }
        int place = Finish(scores, voted, isDouble: true);
        double largest = 0;
        for (int t = 0; t < Columns; t++)
            largest = Math.Max(largest, magnitudes[t] + (t < BaseValues.Length ? Math.Abs(BaseValues[t]) : 0));
        for (int t = 0; t < Columns; t++)
            magnitudes[t] = largest + Math.Abs(scores[t]);
        return place;
    }

    private void Vote(ref double score, ref double voted, double weight, bool isDouble)
    {
        score = voted == 0 && Aggregate is TreeAggregate.Min or TreeAggregate.Max ? weight : Aggregate switch
        {
            TreeAggregate.Min => Math.Min(score, weight),
            TreeAggregate.Max => Math.Max(score, weight),
            _ => Rounded(score + weight, isDouble),
        };
        voted = 1;
    }

    // A sum of two floats in double, rounded once more, is their float sum.
    private static double Rounded(double value, bool isDouble) => isDouble ? value : (float)value;

    private static int TargetCount(Attributes attributes)
    {
        if (!attributes.Has("n_targets"))
            return -1;
        long targets = attributes.Int("n_targets");
        return targets is >= 1 and <= MaxTargets ? (int)targets : throw new OpException($"n_targets is {targets}, must be 1 to {MaxTargets}");
    }
}
