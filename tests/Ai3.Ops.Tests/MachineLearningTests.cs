using Ai3.Tensors;
using static Ai3.Ops.Tests.MovementRunner;
using static Ai3.Ops.Tests.TextHostRunner;

namespace Ai3.Ops.Tests;

/// <summary>Trained models, and what prepares their features, with values worked out by hand.</summary>
public sealed class MachineLearningTests
{
    private const string Domain = "ai.onnx.ml";

    // x0 <= 0.5 ? (x1 < ... ) : leaf, one comparison for both branches; leaves vote 1, 2 and 4.
    private static readonly (string, object)[] s_tree =
    [
        ("nodes_treeids", new long[] { 0, 0, 0, 0, 0 }), ("nodes_nodeids", new long[] { 0, 1, 2, 3, 4 }), ("nodes_featureids", new long[] { 0, 1, 0, 0, 0 }),
        ("nodes_modes", new[] { "BRANCH_LEQ", "BRANCH_LEQ", "LEAF", "LEAF", "LEAF" }), ("nodes_values", new[] { 0.5f, 2, 0, 0, 0 }),
        ("nodes_truenodeids", new long[] { 1, 2, 0, 0, 0 }), ("nodes_falsenodeids", new long[] { 4, 3, 0, 0, 0 }),
    ];

    [Fact]
    public void TreesFollowTheirBranches()
    {
        Attributes attributes = Attributes([.. s_tree, .. Votes("target", 0, 0, 0), ("n_targets", 1L)]);
        Assert.Equal([1f, 2, 4, 4], Scores("TreeEnsembleRegressor", 1, attributes, Floats([4, 2], 0.5f, 2, 0, 3, 1, 0, float.NaN, 0)));
        Attributes missing = attributes.With("nodes_missing_value_tracks_true", Attributes(("a", new long[] { 1, 0, 0, 0, 0 })).Ints("a"));
        Assert.Equal([1f, 2], Scores("TreeEnsembleRegressor", 1, missing, Floats([2, 2], float.NaN, 2, float.NaN, float.NaN)));
    }

    [Theory]
    [InlineData("NONE", new[] { -0.5f, 1 })]
    [InlineData("LOGISTIC", new[] { 0.37754068f, 0.7310586f })]
    [InlineData("SOFTMAX", new[] { 0.18242553f, 0.81757444f })]
    public void TransformsOfSeveralTargets(string transform, float[] expected)
    {
        Attributes attributes = Attributes([.. s_tree, .. Votes("target", 1, 0, 0), ("n_targets", 2L), ("base_values", new[] { -0.5f, 0 }), ("post_transform", transform)]);
        float[] scores = Scores("TreeEnsembleRegressor", 1, attributes, Floats([1, 2], 0, 0));
        for (int i = 0; i < 2; i++)
            Assert.Equal(expected[i], scores[i], 1e-6f);
    }

    [Fact]
    public void AVoteForOneOfTwoClassesIsAProbabilityOrAMargin()
    {
        Attributes probability = Attributes([.. s_tree, .. Votes("class", 0, 0, 0), ("class_weights", new[] { 0.25f, 0.75f, 0.5f }), ("classlabels_int64s", new long[] { 7, 9 })]);
        Tensor x = Floats([3, 2], 0, 0, 0, 3, 1, 0);
        (long[] labels, float[] scores) = Classify("TreeEnsembleClassifier", probability, x);
        Assert.Equal([7L, 9, 7], labels);
        Assert.Equal([0.75f, 0.25f, 0.25f, 0.75f, 0.5f, 0.5f], scores);
        (labels, scores) = Classify("TreeEnsembleClassifier", probability.With("class_weights", Attributes(("a", new[] { -1f, 2, 0 })).Floats("a")), x);
        Assert.Equal([7L, 9, 7], labels);
        Assert.Equal([1f, -1, -2, 2, 0, 0], scores.Select(s => s + 0f));
        (labels, scores) = Classify("TreeEnsembleClassifier", probability.With("class_ids", Attributes(("a", new long[] { 1, 1, 1 })).Ints("a")), x);
        Assert.Equal([7L, 9, 7], labels);
        Assert.Equal([0f, 0.25f, 0, 0.75f, 0, 0.5f], scores);
        (labels, scores) = Classify("TreeEnsembleClassifier", probability.With("base_values", Attributes(("a", new[] { 0f, 0.5f })).Floats("a")), x);
        Assert.Equal([9L, 7, 7], labels);
        Assert.Equal([0.25f, 0.5f, 0.75f, 0.5f, 0.5f, 0.5f], scores);
    }

    [Fact]
    public void StringLabelsAreFoundOnTheHost()
    {
        Attributes attributes = Attributes([.. s_tree, .. Votes("class", 0, 1, 2), ("classlabels_strings", new[] { "a", "b", "c" })]);
        Value[] outputs = Host(Domain, "TreeEnsembleClassifier", 3, attributes, 2, Floats([3, 2], 0, 0, 0, 3, 1, 0));
        Assert.Equal(["a", "b", "c"], Texts(outputs[0]));
        Assert.Equal([1f, 0, 0, 0, 2, 0, 0, 0, 4], ((Tensor)outputs[1]).AsSpan<float>().ToArray());
    }

    [Fact]
    public void HostileTreesAreRefused()
    {
        Attributes good = Attributes([.. s_tree, .. Votes("target", 0, 0, 0), ("n_targets", 1L)]);
        string Bad(string name, object value) => RefusalOf("TreeEnsembleRegressor", 1, good.With(name, Attributes((name, value)).Values[name]), Floats([1, 2], 0, 0));
        Assert.Contains("is reached twice", Bad("nodes_falsenodeids", new long[] { 1, 3, 0, 0, 0 }));
        Attributes circle = Attributes(("nodes_treeids", new long[] { 0 }), ("nodes_nodeids", new long[] { 0 }), ("nodes_featureids", new long[] { 0 }),
            ("nodes_modes", new[] { "BRANCH_LT" }), ("nodes_values", new[] { 0f }), ("nodes_truenodeids", new long[] { 0 }), ("nodes_falsenodeids", new long[] { 0 }));
        Assert.Contains("has no root", RefusalOf("TreeEnsembleRegressor", 1, circle, Floats([1, 2], 0, 0)));
        Assert.Contains("which the tree has not", Bad("nodes_truenodeids", new long[] { 1, 9, 0, 0, 0 }));
        Assert.Contains("nodes_values has 1 entries", Bad("nodes_values", new[] { 1f }));
        Assert.Contains("must be in [0,", Bad("nodes_featureids", new long[] { -1, 0, 0, 0, 0 }));
        Assert.Contains("with 2 features", Bad("nodes_featureids", new long[] { 2, 0, 0, 0, 0 }));
        Assert.Contains("is there twice", Bad("nodes_nodeids", new long[] { 0, 1, 2, 3, 3 }));
        Assert.Contains("BRANCH_UP", Bad("nodes_modes", new[] { "BRANCH_UP", "BRANCH_LEQ", "LEAF", "LEAF", "LEAF" }));
        Assert.Contains("target_ids has 1", Bad("target_ids", new long[] { 0, 0, 1 }));
        Assert.Contains("which is not there", Bad("target_nodeids", new long[] { 2, 3, 8 }));
        Assert.Contains("base_values", Bad("base_values", new[] { 1f, 2, 3 }));
        Assert.Contains("n_targets", Bad("n_targets", 0L));
        Assert.Contains("aggregate_function", Bad("aggregate_function", "MEDIAN"));
        Assert.Contains("post_transform", Bad("post_transform", "TANH"));
        Assert.Contains("must be f32", RefusalOf("TreeEnsembleRegressor", 1, good, Tensor.Copy<byte>([1, 2], [1, 2])));
    }

    [Fact]
    public void TreeEnsembleTestsMembership()
    {
        Attributes attributes = Attributes(("nodes_modes", Tensor.Copy<byte>([6, 0], [2])), ("nodes_splits", Floats([2], 0, 1.5f)), ("nodes_featureids", new long[] { 0, 0 }),
            ("nodes_truenodeids", new long[] { 0, 1 }), ("nodes_trueleafs", new long[] { 1, 1 }), ("nodes_falsenodeids", new long[] { 1, 2 }), ("nodes_falseleafs", new long[] { 0, 1 }),
            ("tree_roots", new long[] { 0 }), ("leaf_targetids", new long[] { 0, 0, 1 }), ("leaf_weights", Floats([3], 1, 2, 3)), ("n_targets", 2L),
            ("membership_values", Floats([3], 5, 7, float.NaN)));
        Assert.Equal([1f, 0, 2, 0, 0, 3, 0, 3], Scores("TreeEnsemble", 5, attributes, Floats([4, 1], 7, 1, 2, float.NaN)));
        string Bad(string name, object value) => RefusalOf("TreeEnsemble", 5, attributes.With(name, Attributes((name, value)).Values[name]), Floats([1, 1], 0));
        Assert.Contains("sets ended by NaN", Bad("membership_values", Floats([1], 5)));
        Assert.Contains("is reached twice", Bad("nodes_falsenodeids", new long[] { 0, 2 }));
        Assert.Contains("must be in [0, 3)", Bad("nodes_truenodeids", new long[] { 3, 1 }));
        Assert.Contains("must be 0 to 6", Bad("nodes_modes", Tensor.Copy<byte>([7, 0], [2])));
    }

    [Fact]
    public void LinearModels()
    {
        Assert.Equal([5f, -1], Scores("LinearRegressor", 1, Attributes(("coefficients", new[] { 1f, 2, 0, -1 }), ("intercepts", new[] { 0f, 1 }), ("targets", 2L)), Floats([1, 2], 1, 2)));
        (long[] labels, float[] scores) = Classify("LinearClassifier",
            Attributes(("coefficients", new[] { 1f, -1 }), ("intercepts", new[] { 0.5f }), ("classlabels_ints", new long[] { 3, 4 })), Floats([2, 2], 1, 1, 0, 1));
        Assert.Equal([4L, 3], labels);
        Assert.Equal([-0.5f, 0.5f, 0.5f, -0.5f], scores);
        Assert.Contains("coefficients has 3", RefusalOf("LinearRegressor", 1, Attributes(("coefficients", new[] { 1f, 2, 3 }), ("targets", 2L)), Floats([1, 1], 1)));
        Assert.Contains("the model needs 2", RefusalOf("LinearRegressor", 1, Attributes(("coefficients", new[] { 1f, 2 })), Floats([1, 3], 1, 2, 3)));
    }

    [Fact]
    public void SupportVectors()
    {
        Attributes regressor = Attributes(("coefficients", new[] { 2f, -1 }), ("support_vectors", new[] { 1f, 0, 0, 1 }), ("n_supports", 2L), ("rho", new[] { 0.5f }),
            ("kernel_type", "POLY"), ("kernel_params", new[] { 1f, 1, 2 }));
        Assert.Equal([9.5f], Scores("SVMRegressor", 1, regressor, Floats([1, 2], 2, 2)));
        Assert.Equal([1f], Scores("SVMRegressor", 1, regressor.With("one_class", 1L), Floats([1, 2], 2, 2)));
        Attributes classifier = Attributes(("coefficients", new[] { 1f, -1 }), ("support_vectors", new[] { 1f, -1 }), ("vectors_per_class", new long[] { 1, 1 }), ("rho", new[] { 0f }),
            ("classlabels_ints", new long[] { 5, 6 }));
        (long[] labels, float[] scores) = Classify("SVMClassifier", classifier, Floats([2, 1], 3, -2));
        Assert.Equal([5L, 6], labels);
        Assert.Equal([-6f, 6, 4, -4], scores);
        (_, scores) = Classify("SVMClassifier", classifier.With("prob_a", Attributes(("a", new[] { -1f })).Floats("a")).With("prob_b", Attributes(("a", new[] { 0f })).Floats("a")), Floats([1, 1], 0.5f));
        Assert.Equal(1 / (1 + MathF.Exp(-1)), scores[0], 2e-3f);
        Assert.Equal(1, scores[0] + scores[1], 1e-6f);
        Assert.Contains("rho has 2", RefusalOf("SVMClassifier", 1, classifier.With("rho", Attributes(("a", new[] { 0f, 1 })).Floats("a")), Floats([1, 1], 1)));
        Assert.Contains("vectors_per_class", RefusalOf("SVMClassifier", 1, classifier.With("vectors_per_class", Attributes(("a", new long[] { -1, 2 })).Ints("a")), Floats([1, 1], 1)));
    }

    [Fact]
    public void FeaturesAreScaledNormalizedImputedAndBinarized()
    {
        Assert.Equal([2f, -4], Scores("Scaler", 1, Attributes(("offset", new[] { 1f, 2 }), ("scale", new[] { 2f, 4 })), Floats([1, 2], 2, 1)));
        Assert.Equal([0.25f, -0.75f], Scores("Normalizer", 1, Attributes(("norm", "L1")), Floats([1, 2], 1, -3)));
        Assert.Equal([0.6f, -0.8f], Scores("Normalizer", 1, Attributes(("norm", "L2")), Floats([1, 2], 3, -4)));
        Assert.Equal([0.5f, 1, 0, 0], Scores("Normalizer", 1, Attributes(("norm", "MAX")), Floats([2, 2], 1, 2, 0, 0)));
        Assert.Equal([7f, 1], Scores("Imputer", 1, Attributes(("imputed_value_floats", new[] { 7f }), ("replaced_value_float", float.NaN)), Floats([1, 2], float.NaN, 1)));
        Assert.Equal([0f, 1], Scores("Binarizer", 1, Attributes(("threshold", 0.5f)), Floats([1, 2], 0.5f, 1)));
        Assert.Contains("for 2", RefusalOf("Scaler", 1, Attributes(("offset", new[] { 1f, 2 }), ("scale", new[] { 2f, 4 })), Floats([1, 3], 1, 2, 3)));
        Assert.Contains("either", RefusalOf("Imputer", 1, Attributes(), Floats([1, 1], 1)));
        Assert.Contains("norm is L3", RefusalOf("Normalizer", 1, Attributes(("norm", "L3")), Floats([1, 1], 1)));
    }

    [Fact]
    public void LabelsAreLookedUp()
    {
        Attributes keys = Attributes(("keys_strings", new[] { "a", "b" }), ("values_int64s", new long[] { 5, 6 }));
        Assert.Equal([6L, -1], ((Tensor)Host(Domain, "LabelEncoder", 2, keys, 1, Strings("b", "c"))[0]).AsSpan<long>().ToArray());
        Attributes floats = Attributes(("keys_floats", new[] { float.NaN, 0 }), ("values_strings", new[] { "nan", "zero" }));
        Assert.Equal(["nan", "zero", "_Unused"], Texts(Host(Domain, "LabelEncoder", 4, floats, 1, Floats([3], float.NaN, -0f, 1))[0]));
        Attributes tensors = Attributes(("keys_tensor", Tensor.Copy<int>([1, 2], [2])), ("values_tensor", Tensor.Copy<short>([10, 20], [2])), ("default_tensor", Tensor.Copy<short>([-7], [1])));
        Assert.Equal([(short)20, (short)-7], ((Tensor)Host(Domain, "LabelEncoder", 4, tensors, 1, Tensor.Copy<int>([2, 3], [2]))[0]).AsSpan<short>().ToArray());
        Attributes classes = Attributes(("classes_strings", new[] { "a", "b" }));
        Assert.Equal(["b", "_Unused"], Texts(Host(Domain, "LabelEncoder", 1, classes, 1, Longs(1, 2))[0]));
        Attributes categories = Attributes(("cats_strings", new[] { "a", "b" }), ("cats_int64s", new long[] { 3, 4 }));
        Assert.Equal([4L, -1], ((Tensor)Host(Domain, "CategoryMapper", 1, categories, 1, Strings("b", "x"))[0]).AsSpan<long>().ToArray());
        Assert.Contains("must be as many", Refused(Domain, "LabelEncoder", 2, Attributes(("keys_strings", new[] { "a" }), ("values_int64s", new long[] { 5, 6 })), Strings("b")));
        Assert.Contains("must be string like the keys", Refused(Domain, "LabelEncoder", 2, keys, Longs(1)));
    }

    [Fact]
    public void CategoriesVectorsAndMaps()
    {
        var hot = (Tensor)Host(Domain, "OneHotEncoder", 1, Attributes(("cats_int64s", new long[] { 3, 1 })), 1, Longs(1, 2))[0];
        Assert.Equal([0f, 1, 0, 0], hot.AsSpan<float>().ToArray());
        Assert.Contains("in no category", Refused(Domain, "OneHotEncoder", 1, Attributes(("cats_int64s", new long[] { 3 }), ("zeros", 0L)), Longs(1)));
        var joined = (Tensor)Host(Domain, "FeatureVectorizer", 1, Attributes(("inputdimensions", new long[] { 1, 3 })), 1, Floats([1, 2], 1, 2), Longs(4, 5))[0];
        Assert.Equal([1f, 4, 5, 0], joined.AsSpan<float>().ToArray());
        var zipped = (SequenceValue)Host(Domain, "ZipMap", 1, Attributes(("classlabels_strings", new[] { "a", "b" })), 1, Floats([2, 2], 1, 2, 3, 4))[0];
        var map = (MapValue)zipped.Items[1];
        Assert.Equal("b", map.Entries[1].Key);
        Assert.Equal(4f, ((Tensor)map.Entries[1].Value).AsSpan<float>()[0]);
        var row = (Tensor)Host(Domain, "DictVectorizer", 1, Attributes(("string_vocabulary", new[] { "b", "z", "a" })), 1, map)[0];
        Assert.Equal([4f, 0, 3], row.AsSpan<float>().ToArray());
        Value numbers = ((SequenceValue)Host(Domain, "ZipMap", 1, Attributes(("classlabels_int64s", new long[] { 2, 0 })), 1, Floats([2], 1.5f, 3))[0]).Items[0];
        Assert.Equal([3f, 1.5f], ((Tensor)Host(Domain, "CastMap", 1, Attributes(), 1, numbers)[0]).AsSpan<float>().ToArray());
        Attributes sparse = Attributes(("map_form", "SPARSE"), ("max_map", 4L), ("cast_to", "TO_INT64"));
        Assert.Equal([3L, 0, 1, 0], ((Tensor)Host(Domain, "CastMap", 1, sparse, 1, numbers)[0]).AsSpan<long>().ToArray());
        Assert.Contains("outside [0, 2)", Refused(Domain, "CastMap", 1, sparse.With("max_map", 2L), numbers));
        Assert.Contains("must be a map", Refused(Domain, "DictVectorizer", 1, Attributes(("int64_vocabulary", new long[] { 1 })), Longs(1)));
        Assert.Contains("2 columns", Refused(Domain, "ZipMap", 1, Attributes(("classlabels_strings", new[] { "a", "b" })), Floats([1, 3], 1, 2, 3)));
    }

    private static (string, object)[] Votes(string name, params long[] ids) =>
        [(name + "_treeids", new long[] { 0, 0, 0 }), (name + "_nodeids", new long[] { 2, 3, 4 }), (name + "_ids", ids), (name + "_weights", new[] { 1f, 2, 4 })];

    private static float[] Scores(string op, int opset, Attributes attributes, Tensor x) => Run(op, opset, attributes, x)[0].AsSpan<float>().ToArray();

    private static (long[] Labels, float[] Scores) Classify(string op, Attributes attributes, Tensor x)
    {
        Tensor[] outputs = Run(op, 1, attributes, x);
        return (outputs[0].AsSpan<long>().ToArray(), outputs[1].AsSpan<float>().ToArray());
    }

    // The outputs of the first row; the property tests prove that all agree.
    private static Tensor[] Run(string op, int opset, Attributes attributes, Tensor x)
    {
        OpDefinition definition = OpCatalog.Default.Find(Domain, op, opset)!;
        NodeFacts node = Node(opset, attributes, 2, x.Fact);
        Assert.False(definition.RunsOnHost(node));
        definition.Infer(node);
        Problem problem = definition.CreateProblem(node);
        Candidate candidate = definition.Candidates(problem, new Target(IsaLevel.Scalar, 1, CacheSizes.Typical)).Accepted[0];
        Tensor[] outputs = [.. problem.Outputs.Select(o => Tensor.Allocate(o.Type, o.Shape))];
        using var workspace = new NativeBuffer(candidate.WorkspaceBytes);
        candidate.Bind(null).Run(new KernelArgs
        {
            Inputs = [x.Address],
            Outputs = Array.ConvertAll(outputs, o => o.Address),
            Workspace = workspace.Address,
            Workers = WorkerPool.Single,
        });
        GC.KeepAlive(x);
        return outputs;
    }

    private static string RefusalOf(string op, int opset, Attributes attributes, Tensor x)
    {
        Exception? thrown = Record.Exception(() => { OpCatalog.Default.Find(Domain, op, opset)!.Infer(Node(opset, attributes, 2, x.Fact)); });
        Assert.True(thrown is OpException, thrown?.ToString() ?? "not refused");
        Assert.DoesNotContain('\n', thrown!.Message);
        return thrown.Message;
    }
}
