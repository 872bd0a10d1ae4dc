using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The operators of ai.onnx.ml.</summary>
internal static class MachineLearningOps
{
    public const string Domain = "ai.onnx.ml";

    public static PredictorOp TreeEnsembleClassifier { get; } = new(TreeModel.ReadClassifier, PredictorAlgorithms.Trees)
    {
        Domain = Domain,
        Name = "TreeEnsembleClassifier",
        Word = "tree_ensemble_classifier",
        MinInputs = 1,
        MaxInputs = 1,
        MaxOutputs = 2,
    };

    public static PredictorOp TreeEnsembleRegressor { get; } = new(TreeModel.ReadRegressor, PredictorAlgorithms.Trees)
    {
        Domain = Domain,
        Name = "TreeEnsembleRegressor",
        Word = "tree_ensemble_regressor",
        MinInputs = 1,
        MaxInputs = 1,
    };

    public static PredictorOp TreeEnsemble { get; } = new(TreeModel.ReadEnsemble, PredictorAlgorithms.Trees)
    {
        Domain = Domain,
        Name = "TreeEnsemble",
        Word = "tree_ensemble",
        Since = 5,
        MinInputs = 1,
        MaxInputs = 1,
        Types = [DType.Float32, DType.Float64, DType.Float16],
        KeepsType = true,
    };

    public static PredictorOp LinearClassifier { get; } = new(LinearModel.ReadClassifier, PredictorAlgorithms.Others)
    {
        Domain = Domain,
        Name = "LinearClassifier",
        Word = "linear_classifier",
        MinInputs = 1,
        MaxInputs = 1,
        MaxOutputs = 2,
    };

    public static PredictorOp LinearRegressor { get; } = new(LinearModel.ReadRegressor, PredictorAlgorithms.Others)
    {
        Domain = Domain,
        Name = "LinearRegressor",
        Word = "linear_regressor",
        MinInputs = 1,
        MaxInputs = 1,
    };

    public static PredictorOp SvmClassifier { get; } = new(static a => new SvmClassifierModel(a), PredictorAlgorithms.Others)
    {
        Domain = Domain,
        Name = "SVMClassifier",
        Word = "svm_classifier",
        MinInputs = 1,
        MaxInputs = 1,
        MaxOutputs = 2,
    };

    public static PredictorOp SvmRegressor { get; } = new(static a => new SvmRegressorModel(a), PredictorAlgorithms.Others)
    {
        Domain = Domain,
        Name = "SVMRegressor",
        Word = "svm_regressor",
        MinInputs = 1,
        MaxInputs = 1,
    };

    public static FeatureOp Scaler { get; } = new(static (a, _) => new ScalerMap(a)) { Domain = Domain, Name = "Scaler", Word = "scaler", MinInputs = 1, MaxInputs = 1 };

    public static FeatureOp Normalizer { get; } = new(static (a, _) => new NormalizerMap(a)) { Domain = Domain, Name = "Normalizer", Word = "normalizer", MinInputs = 1, MaxInputs = 1 };

    public static FeatureOp Imputer { get; } = new(static (a, t) => new ImputerMap(a, t)) { Domain = Domain, Name = "Imputer", Word = "imputer", MinInputs = 1, MaxInputs = 1 };

    public static FeatureOp Binarizer { get; } = new(static (a, _) => new BinarizerMap(a)) { Domain = Domain, Name = "Binarizer", Word = "binarizer", MinInputs = 1, MaxInputs = 1 };

    public static ImmutableArray<OpDefinition> All { get; } =
    [
        TreeEnsembleClassifier, TreeEnsembleRegressor, TreeEnsemble, LinearClassifier, LinearRegressor, SvmClassifier, SvmRegressor,
        Scaler, Normalizer, Imputer, Binarizer, ArrayFeatureExtractorOp.V1, FeatureVectorizerOp.V1, OneHotEncoderOp.V1,
        ZipMapOp.V1, DictVectorizerOp.V1, CastMapOp.V1,
        new LookupOp(LabelTables.ReadClasses) { Domain = Domain, Name = "LabelEncoder", Until = 1, MinInputs = 1, MaxInputs = 1 },
        new LookupOp(LabelTables.ReadKeys) { Domain = Domain, Name = "LabelEncoder", Since = 2, MinInputs = 1, MaxInputs = 1 },
        new LookupOp(LabelTables.ReadCategories) { Domain = Domain, Name = "CategoryMapper", MinInputs = 1, MaxInputs = 1 },
    ];
}
