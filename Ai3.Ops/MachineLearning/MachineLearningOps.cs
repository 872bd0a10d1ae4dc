using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The operators of ai.onnx.ml.</summary>
internal static class MachineLearningOps
{
    public const string Domain = "ai.onnx.ml";

    public static PredictorOp TreeEnsembleClassifier { get; } = new(TreeModel.ReadClassifier)
    {
        Domain = Domain,
        Name = "TreeEnsembleClassifier",
        Word = "tree_ensemble_classifier",
        MinInputs = 1,
        MaxInputs = 1,
        MaxOutputs = 2,
    };

    public static PredictorOp TreeEnsembleRegressor { get; } = new(TreeModel.ReadRegressor)
    {
        Domain = Domain,
        Name = "TreeEnsembleRegressor",
        Word = "tree_ensemble_regressor",
        MinInputs = 1,
        MaxInputs = 1,
    };

    public static PredictorOp TreeEnsemble { get; } = new(TreeModel.ReadEnsemble)
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

    public static ImmutableArray<OpDefinition> All { get; } = [TreeEnsembleClassifier, TreeEnsembleRegressor, TreeEnsemble];
}
