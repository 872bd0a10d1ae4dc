using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of Scaler, Normalizer, Imputer and Binarizer.</summary>
internal sealed class MachineLearningFeatureProblems : ProblemGenerator<FeatureProblem>
{
    protected override FeatureProblem Generate(ProblemRequest request, TestRandom random)
    {
        var op = (FeatureOp)request.Op;
        DType type = random.Pick([DType.Float32, DType.Float32, DType.Float64, DType.Int64, DType.Int32]);
        int features = random.Between(1, Math.Max(2, request.Size));
        int count = random.Chance(0.5) ? 1 : features;
        Attributes attributes = op.Name switch
        {
            "Scaler" => Attributes.Empty.With("offset", MachineLearningProblems.Eighths(count, random)).With("scale", MachineLearningProblems.Eighths(count, random)),
            "Normalizer" => Attributes.Empty.With("norm", random.Pick(["MAX", "L1", "L2"])),
            "Imputer" when type.IsFloat() => Attributes.Empty.With("imputed_value_floats", MachineLearningProblems.Eighths(count, random))
                .With("replaced_value_float", random.Pick([0f, 1f, float.NaN])),
            "Imputer" => Attributes.Empty.With("imputed_value_int64s", MachineLearningProblems.Labels(count)).With("replaced_value_int64", (long)random.Between(-1, 1)),
            _ => Attributes.Empty.With("threshold", random.Between(-2, 2) / 2f),
        };
        Shape shape = random.Chance(0.3) ? [features] : [random.Between(0, 6), features];
        return op.Create(new TensorType(type, shape), attributes);
    }

    protected override IEnumerable<FeatureProblem> Shrink(FeatureProblem p)
    {
        FeatureOp op = MachineLearningOps.All.OfType<FeatureOp>().Single(o => o.Word == p.Name);
        foreach ((int axis, long extent) in MovementRandom.Smaller(p.Input.Shape))
            if (p.Map.Features == 0 || axis < p.Input.Shape.Rank - 1)
                yield return op.Create(p.Input with { Shape = MovementRandom.With(p.Input.Shape, axis, extent) }, p.Attributes);
    }
}
