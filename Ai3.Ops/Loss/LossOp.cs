using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>NegativeLogLikelihoodLoss and SoftmaxCrossEntropyLoss.</summary>
internal sealed class LossOp() : OpDefinition<LossProblem>(LossAlgorithms.All)
{
    public static ImmutableArray<OpDefinition> All { get; } =
    [
        new LossOp { Name = "NegativeLogLikelihoodLoss", Since = 12, MinInputs = 2, MaxInputs = 3 },
        new LossOp { Name = "SoftmaxCrossEntropyLoss", Softmax = true, Since = 12, MinInputs = 2, MaxInputs = 3, MaxOutputs = 2 },
    ];

    public bool Softmax { get; init; }

    public override Oracle<LossProblem> Oracle => LossOracle.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact x = node.Tensor(0), target = node.Tensor(1);
        TypeSet.Float.Check(x, 0);
        MovementFacts.RequireIndexType(target.Type, "target");
        node.SameType(0, 2);
        LossReduction reduction = Reduction(node);
        if (x.IsKnown && target.IsKnown && node.OptionalTensor(2) is null or { IsKnown: true })
            CreateProblem(node);
        if (x.Shape is { Rank: < 2 } shape)
            throw new OpException($"input has shape {shape}, must be [samples, classes, ...]");
        SymbolicShape? losses = target.Shape ?? (x.Shape is null ? null : [x.Shape[0], .. x.Shape.Skip(2)]);
        var loss = new TensorFact(x.Type, reduction == LossReduction.None ? losses : SymbolicShape.Create());
        return Softmax && node.OutputCount > 1 ? [loss, new TensorFact(x.Type, x.Shape)] : [loss];
    }

    public override Problem CreateProblem(NodeFacts node) => new LossProblem
    {
        Softmax = Softmax,
        X = node.Operand(0),
        Target = node.Operand(1),
        Weight = node.Has(2) ? node.Operand(2) : TensorType.Absent,
        Reduction = Reduction(node),
        Ignored = node.Attributes.Has("ignore_index") ? node.Attributes.Int("ignore_index") : null,
        WithLogProb = Softmax && node.OutputCount > 1,
        ConstantInputs = node.ConstantInputs,
    }.Checked();

    public override Problem? ParseProblem(string key) => LossProblem.Parse(key, Softmax);

    private static LossReduction Reduction(NodeFacts node) => node.Attributes.String("reduction", "mean") switch
    {
        "none" => LossReduction.None,
        "mean" => LossReduction.Mean,
        "sum" => LossReduction.Sum,
        string other => throw new OpException($"reduction is \"{other}\", must be none, mean or sum"),
    };
}
