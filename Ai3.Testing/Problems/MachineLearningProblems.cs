using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of trained models: trees, linear models and support vectors with small weights that add up exactly.</summary>
internal sealed class MachineLearningProblems : ProblemGenerator<PredictorProblem>
{
    private static readonly string[] s_transforms = ["NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO"];

    protected override PredictorProblem Generate(ProblemRequest request, TestRandom random)
    {
        var op = (PredictorOp)request.Op;
        DType type = request.RowName == "trees_float" || random.Chance(0.5) ? DType.Float32 : random.Pick(op.Types.ToArray());
        int features = random.Between(1, Math.Max(2, Math.Min(request.Size, 9)));
        Attributes attributes = op.Name switch
        {
            "TreeEnsemble" => MachineLearningForests.Ensemble(request, features, type, random),
            "TreeEnsembleClassifier" => MachineLearningForests.Classifier(request, features, random),
            "TreeEnsembleRegressor" => MachineLearningForests.Regressor(request, features, random),
            "LinearClassifier" => Linear(features, random, labels: random.Between(1, 4)),
            "LinearRegressor" => Linear(features, random, labels: 0),
            "SVMClassifier" => SvmClassifier(features, random),
            _ => SvmRegressor(features, random),
        };
        if (op.Name != "TreeEnsemble")
            attributes = attributes.With("post_transform", random.Pick(s_transforms));
        long rows = random.Chance(0.1) ? 0 : random.Between(1, random.Chance(0.2) ? 70 : 5);
        Shape shape = random.Chance(0.1) ? [features] : [rows, features];
        return op.Create(new TensorType(type, shape), attributes);
    }

    protected override IEnumerable<PredictorProblem> Shrink(PredictorProblem p)
    {
        PredictorOp op = MachineLearningOps.All.OfType<PredictorOp>().Single(o => o.Word == p.Name);
        if (p.Input.Shape.Rank == 2)
            foreach (long rows in new[] { 0, 1, p.Rows / 2, p.Rows - 1 }.Where(r => r >= 0 && r < p.Rows).Distinct())
                yield return op.Create(p.Input with { Shape = [rows, p.Features] }, p.Attributes);
        if (p.Attributes.Values.GetValueOrDefault("post_transform") is string and not "NONE")
            yield return op.Create(p.Input, p.Attributes.With("post_transform", "NONE"));
        if (p.Attributes.Has("base_values"))
            yield return op.Create(p.Input, p.Attributes.Without("base_values"));
    }

    // Trees compare with halves: features often are just that.
    protected override double[] Fill(OpDefinition op, PredictorProblem p, int input, CheckMode mode, TestRandom random)
    {
        double[] values = base.Fill(op, p, input, mode, random);
        if (p.Model is TreeModel && mode != CheckMode.WideRange && p.Input.Type.IsFloat())
            for (int i = 0; i < values.Length; i++)
                if (random.Chance(0.7))
                    values[i] = random.Between(-6, 6) / 2.0;
        return values;
    }

    internal static ImmutableArray<float> Eighths(int count, TestRandom random, int low = -8) =>
        [.. Enumerable.Range(0, count).Select(_ => random.Between(low, 8) / 8f)];

    internal static ImmutableArray<long> Labels(int count) => [.. Enumerable.Range(0, count).Select(i => 10L + 3 * i)];

    private static Attributes Linear(int features, TestRandom random, int labels)
    {
        int rows = labels == 0 ? random.Between(1, 4) : labels == 2 && random.Chance(0.5) ? 1 : labels;
        Attributes attributes = Attributes.Empty.With("coefficients", Eighths(rows * features, random));
        if (labels > 0)
            attributes = attributes.With("classlabels_ints", Labels(labels));
        else
            attributes = attributes.With("targets", (long)rows);
        return rows != labels || random.Chance(0.7) ? attributes.With("intercepts", Eighths(rows, random)) : attributes;
    }

    private static Attributes Kernel(TestRandom random) => Attributes.Empty.With("kernel_type", random.Pick(["LINEAR", "POLY", "RBF", "SIGMOID"]))
        .With("kernel_params", ImmutableArray.Create(random.Between(1, 4) / 8f, random.Between(-2, 2) / 4f, random.Between(1, 3)));

    private static Attributes SvmRegressor(int features, TestRandom random)
    {
        int supports = random.Between(0, 4);
        return Kernel(random).With("n_supports", (long)supports).With("coefficients", Eighths(supports == 0 ? features : supports, random))
            .With("support_vectors", Eighths(supports * features, random)).With("rho", Eighths(1, random)).With("one_class", random.Chance(0.3) ? 1L : 0);
    }

    private static Attributes SvmClassifier(int features, TestRandom random)
    {
        int classes = random.Between(2, 4), pairs = classes * (classes - 1) / 2;
        Attributes attributes = Kernel(random).With("classlabels_ints", Labels(classes));
        if (random.Chance(0.3))
            return attributes.With("coefficients", Eighths(classes * features, random)).With("rho", Eighths(1, random));
        long[] counts = [.. Enumerable.Range(0, classes).Select(_ => (long)random.Between(0, 3))];
        counts[0]++;
        var vectors = (int)counts.Sum();
        attributes = attributes.With("vectors_per_class", counts.ToImmutableArray()).With("support_vectors", Eighths(vectors * features, random))
            .With("coefficients", Eighths((classes - 1) * vectors, random)).With("rho", Eighths(pairs, random));
        return random.Chance(0.5) ? attributes.With("prob_a", Eighths(pairs, random)).With("prob_b", Eighths(pairs, random)) : attributes;
    }
}
