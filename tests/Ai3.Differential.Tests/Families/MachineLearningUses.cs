using Ai3.Tensors;
using static Ai3.Differential.Tests.Content;

namespace Ai3.Differential.Tests;

/// <summary>The operators of ai.onnx.ml: trees, linear models and features.</summary>
internal static class MachineLearningUses
{
    private const string Domain = "ai.onnx.ml";

    // Sums of some tens of terms below 4, in float32 on the peer's side, then at most an exponential.
    private static readonly Tolerance s_score = Tolerance.Roundings(400, 400);

    private static readonly string[] s_transforms = ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO"];

    public static IEnumerable<OperatorUses> All =>
    [
        Ml("TreeEnsembleRegressor", u => Forest(u, "target", u.Draw.Between(1, 3)), until: 3),
        Ml("TreeEnsembleClassifier", ForestClassifier, until: 3),
        Ml("LinearRegressor", LinearRegressor),
        Ml("LinearClassifier", LinearClassifier),
        Ml("SVMRegressor", SvmRegressor),
        Ml("SVMClassifier", SvmClassifier),
        Ml("Scaler", Scaler),
        Ml("Normalizer", u => u.With("norm", u.Draw.Pick("MAX", "L1", "L2")).In(u.Data(DType.Float32, [u.Draw.Dim(9), u.Draw.Dim(9)], Small, Whole))),
        Ml("Imputer", Imputer),
        Ml("Binarizer", u => u.Maybe("threshold", () => u.Draw.Pick(0.5, -1, 1)).In(u.Data(DType.Float32, u.Draw.Shape(1, 3), Small, Whole))),
        Ml("ArrayFeatureExtractor", ExtractFeatures),
        Ml("FeatureVectorizer", VectorizeFeatures),
        Ml("OneHotEncoder", OneHot),
        Ml("LabelEncoder", LabelEncoder, since: 2),
        Ml("CategoryMapper", CategoryMapper),
    ];

    private static OperatorUses Ml(string name, Action<UseBuilder> generate, int since = 1, int until = 3) => new(name, s_score, generate, since, until, Domain);

    private static float[] Floats(UseBuilder u, long count) => u.Data(DType.Float32, [count], Small, Whole).AsSpan<float>().ToArray();

    // Complete trees, nodes numbered level by level; thresholds that features may equal.
    private static void Forest(UseBuilder u, string leaf, int outputs)
    {
        int trees = u.Draw.Between(1, 4), features = u.Draw.Between(1, 5), depth = u.Draw.Between(1, 3);
        int inner = (1 << depth) - 1, nodes = 2 * inner + 1;
        var random = new Ai3.Testing.TestRandom((ulong)u.Draw.Below(1 << 20));
        long[] Each(Func<int, long> value) => [.. Enumerable.Range(0, trees).SelectMany(_ => Enumerable.Range(0, nodes).Select(value))];
        string mode = u.Draw.Pick("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ");
        u.With("nodes_treeids", Enumerable.Range(0, trees).SelectMany(t => Enumerable.Repeat((long)t, nodes)).ToArray());
        u.With("nodes_nodeids", Each(n => n)).With("nodes_featureids", Each(n => n < inner ? random.Below(features) : 0));
        u.With("nodes_values", Enumerable.Range(0, trees * nodes).Select(_ => random.Between(-3, 3) * 0.5f).ToArray());
        u.With("nodes_modes", Enumerable.Range(0, trees).SelectMany(_ => Enumerable.Range(0, nodes).Select(n => n < inner ? mode : "LEAF")).ToArray());
        u.With("nodes_truenodeids", Each(n => n < inner ? 2 * n + 1 : 0)).With("nodes_falsenodeids", Each(n => n < inner ? 2 * n + 2 : 0));
        u.Maybe("nodes_missing_value_tracks_true", () => Each(_ => random.Below(2)));
        int leaves = nodes - inner;
        u.With($"{leaf}_treeids", Enumerable.Range(0, trees).SelectMany(t => Enumerable.Repeat((long)t, leaves)).ToArray());
        u.With($"{leaf}_nodeids", Enumerable.Range(0, trees).SelectMany(_ => Enumerable.Range(inner, leaves).Select(n => (long)n)).ToArray());
        u.With($"{leaf}_ids", Enumerable.Range(0, trees * leaves).Select(_ => (long)random.Below(outputs)).ToArray());
        u.With($"{leaf}_weights", Enumerable.Range(0, trees * leaves).Select(_ => (float)random.Signed()).ToArray());
        u.Maybe("base_values", () => Floats(u, outputs));
        if (leaf == "target")
            u.With("n_targets", outputs).Maybe("aggregate_function", () => u.Draw.Pick("SUM", "AVERAGE", "MIN", "MAX")).Maybe("post_transform", () => u.Draw.Pick(s_transforms));
        Tensor x = u.Data(u.Draw.Pick(DType.Float32, DType.Float32, DType.Float64), [u.Draw.Dim(12), features], Small, Whole);
        for (long i = 0; i < x.Count && u.Draw.OnceIn(3); i += 3)
            if (x.Type == DType.Float32)
                x.AsSpan<float>()[(int)i] = float.NaN;
        u.In(x);
    }

    private static void ForestClassifier(UseBuilder u)
    {
        int classes = u.Draw.Between(2, 4);
        Labels(u, classes, "classlabels_int64s", "classlabels_strings");
        u.Maybe("post_transform", () => u.Draw.Pick(s_transforms)).Outputs(2);
        Forest(u, "class", classes);
    }

    private static void Labels(UseBuilder u, int classes, string ints, string strings)
    {
        if (u.Draw.OnceIn(2))
            u.With(strings, Enumerable.Range(0, classes).Select(c => $"class{c}").ToArray());
        else
            u.With(ints, Enumerable.Range(0, classes).Select(c => 10L - 3 * c).ToArray());
    }

    private static void LinearRegressor(UseBuilder u)
    {
        long features = u.Draw.Dim(9), targets = u.Draw.Between(1, 3);
        u.With("coefficients", Floats(u, features * targets)).With("targets", targets).Maybe("intercepts", () => Floats(u, targets)).Maybe("post_transform", () => u.Draw.Pick(s_transforms));
        u.In(u.Data(DType.Float32, [u.Draw.Dim(12), features]));
    }

    private static void LinearClassifier(UseBuilder u)
    {
        int classes = u.Draw.Between(2, 4);
        long features = u.Draw.Dim(9);
        Labels(u, classes, "classlabels_ints", "classlabels_strings");
        u.With("coefficients", Floats(u, features * classes)).With("intercepts", Floats(u, classes)).Maybe("post_transform", () => u.Draw.Pick(s_transforms)).Maybe("multi_class", () => u.Draw.Below(2)).Outputs(2);
        u.In(u.Data(DType.Float32, [u.Draw.Dim(12), features]));
    }

    private static void Kernel(UseBuilder u) => u.With("kernel_type", u.Draw.Pick("LINEAR", "RBF", "POLY", "SIGMOID")).With("kernel_params", new[] { 0.5f, 0.25f, 2f });

    private static void SvmRegressor(UseBuilder u)
    {
        long features = u.Draw.Dim(6), supports = u.Draw.Between(1, 5);
        Kernel(u);
        u.With("n_supports", supports).With("support_vectors", Floats(u, supports * features)).With("coefficients", Floats(u, supports)).With("rho", Floats(u, 1)).Maybe("one_class", () => u.Draw.Below(2));
        u.In(u.Data(DType.Float32, [u.Draw.Dim(12), features]));
    }

    private static void SvmClassifier(UseBuilder u)
    {
        int classes = u.Draw.Between(2, 3);
        long features = u.Draw.Dim(6);
        long[] vectors = [.. Enumerable.Range(0, classes).Select(_ => (long)u.Draw.Between(1, 3))];
        long supports = vectors.Sum(), pairs = classes * (classes - 1) / 2;
        Kernel(u);
        Labels(u, classes, "classlabels_ints", "classlabels_strings");
        u.With("vectors_per_class", vectors).With("support_vectors", Floats(u, supports * features)).With("coefficients", Floats(u, supports * (classes - 1))).With("rho", Floats(u, pairs)).Outputs(2);
        if (u.Draw.OnceIn(2))
            u.With("prob_a", Floats(u, pairs)).With("prob_b", Floats(u, pairs));
        u.In(u.Data(DType.Float32, [u.Draw.Dim(12), features]));
    }

    private static void Scaler(UseBuilder u)
    {
        long features = u.Draw.Dim(9), given = u.Draw.OnceIn(2) ? features : 1;
        u.With("offset", Floats(u, given)).With("scale", Floats(u, given)).In(u.Data(u.Draw.Pick(DType.Float32, DType.Int64, DType.Int32, DType.Float64), [u.Draw.Dim(9), features]));
    }

    private static void Imputer(UseBuilder u)
    {
        long features = u.Draw.Dim(9), given = u.Draw.OnceIn(2) ? features : 1;
        if (u.Draw.OnceIn(2))
            u.With("imputed_value_floats", Floats(u, given)).With("replaced_value_float", u.Draw.Pick(0.0, float.NaN, 1)).In(u.Data(DType.Float32, [u.Draw.Dim(9), features], Whole, Specials));
        else
            u.With("imputed_value_int64s", Enumerable.Range(0, (int)given).Select(i => (long)i).ToArray()).With("replaced_value_int64", u.Draw.Between(-1, 2)).In(u.Data(DType.Int64, [u.Draw.Dim(9), features]));
    }

    private static void ExtractFeatures(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1, 3, zero: false);
        u.In(u.Data(u.Draw.Pick(DType.Float32, DType.Int64, DType.Float64, DType.String), shape)).In(u.Indices(DType.Int64, u.Draw.OnceIn(2) ? [1, u.Draw.Dim(9)] : [u.Draw.Dim(9)], shape[^1], negative: false));
    }

    private static void VectorizeFeatures(UseBuilder u)
    {
        long rows = u.Draw.Dim(9);
        long[] widths = [.. Enumerable.Range(0, u.Draw.Between(1, 3)).Select(_ => u.Draw.Dim(9))];
        u.With("inputdimensions", widths);
        DType type = u.Draw.Pick(DType.Float32, DType.Int64, DType.Int32, DType.Float64);
        foreach (long width in widths)
            u.In(u.Data(type, [rows, width]));
    }

    private static void OneHot(UseBuilder u)
    {
        u.Flag("zeros");
        bool zeros = u.Attributes.Flag("zeros", true);
        if (u.Draw.OnceIn(2))
            u.With("cats_int64s", new long[] { 0, 3, 1, 2 }).In(u.Indices(u.Draw.Pick(DType.Int64, DType.Int32, DType.Float32), u.Draw.Shape(1, 3), zeros ? 6 : 4, negative: false));
        else
            u.With("cats_strings", new[] { "ab", "a", "", "é", "b", "B", "zebra", "日本" }).In(u.Data(DType.String, u.Draw.Shape(1, 3)));
    }

    private static void LabelEncoder(UseBuilder u)
    {
        string[] words = ["ab", "a", "zebra", "é"];
        (string keys, DType type) = u.Draw.Pick(("strings", DType.String), ("int64s", DType.Int64), ("floats", DType.Float32));
        string values = u.Draw.Pick("int64s", "strings", "floats");
        u.With($"keys_{keys}", Table(keys, words)).With($"values_{values}", Table(values, ["w", "x", "y", "z"]));
        u.Maybe($"default_{values[..^1]}", () => values switch { "int64s" => -7, "floats" => 2.5, _ => "none" });
        u.In(u.Data(type, u.Draw.Shape(1, 3), Whole));
    }

    private static object Table(string kind, string[] words) => kind switch
    {
        "strings" => words,
        "int64s" => new long[] { 1, -2, 3, 0 },
        _ => new float[] { 1, -2, 3, 0 },
    };

    private static void CategoryMapper(UseBuilder u)
    {
        u.With("cats_strings", new[] { "ab", "a", "zebra", "é" }).With("cats_int64s", new long[] { 1, -2, 3, 0 }).Maybe("default_int64", () => -7).Maybe("default_string", () => "none");
        u.In(u.Draw.OnceIn(2) ? u.Data(DType.String, u.Draw.Shape(1, 3)) : u.Data(DType.Int64, u.Draw.Shape(1, 3)));
    }
}
