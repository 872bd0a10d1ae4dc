using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Adagrad, Momentum (standard and Nesterov's) and Adam of ai.onnx.preview.training.</summary>
internal sealed class OptimizerOp() : OpDefinition<OptimizerProblem>(OptimizerAlgorithms.All)
{
    public static ImmutableArray<OpDefinition> All { get; } = [Make("Adagrad", 3), Make("Momentum", 3), Make("Adam", 4)];

    public override Oracle<OptimizerProblem> Oracle => OptimizerAlgorithms.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        int groups = MinInputs - 2, count = (node.Inputs.Length - 2) / groups;
        RuleOf(node);
        if (node.Inputs.Length < MinInputs || (node.Inputs.Length - 2) % groups != 0)
            throw new OpException($"{node.Inputs.Length} inputs are given, must be 2 and {groups} for each tensor");
        if (Enumerable.Range(0, node.Inputs.Length).All(i => node.Tensor(i).IsKnown))
            CreateProblem(node);
        return [.. Enumerable.Range(2, count * groups).Where(i => i < 2 + count || i >= 2 + 2 * count).Select(i => new TensorFact(node.Tensor(i).Type, node.Tensor(i).Shape))];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        Attributes a = node.Attributes;
        OptimizerRule rule = RuleOf(node);
        bool adam = rule == OptimizerRule.Adam, adagrad = rule == OptimizerRule.Adagrad;
        return new OptimizerProblem
        {
            Rule = rule,
            Operands = MovementFacts.Operands(node),
            Alpha = adagrad ? 0 : adam ? a.Float("alpha", 0.9f) : a.Float("alpha"),
            Beta = adagrad ? 0 : adam ? a.Float("beta", 0.999f) : a.Float("beta"),
            Epsilon = adam || adagrad ? a.Float("epsilon", 0) : 0,
            Norm = adam || adagrad ? a.Float("norm_coefficient", 0) : a.Float("norm_coefficient"),
            NormPost = adam ? a.Float("norm_coefficient_post", 0) : 0,
            Decay = adagrad ? a.Float("decay_factor", 0) : 0,
            ConstantInputs = node.ConstantInputs,
        }.Checked();
    }

    public override Problem? ParseProblem(string key) => Name switch
    {
        "Adagrad" => OptimizerProblem.Parse(key, OptimizerRule.Adagrad),
        "Adam" => OptimizerProblem.Parse(key, OptimizerRule.Adam),
        _ => OptimizerProblem.Parse(key, OptimizerRule.Momentum) ?? OptimizerProblem.Parse(key, OptimizerRule.Nesterov),
    };

    private static OptimizerOp Make(string name, int groups) => new()
    {
        Domain = "ai.onnx.preview.training",
        Name = name,
        MinInputs = 2 + groups,
        MaxInputs = int.MaxValue,
        MaxOutputs = int.MaxValue,
    };

    private OptimizerRule RuleOf(NodeFacts node) => Name switch
    {
        "Adagrad" => OptimizerRule.Adagrad,
        "Adam" => OptimizerRule.Adam,
        _ => node.Attributes.String("mode") switch
        {
            "standard" => OptimizerRule.Momentum,
            "nesterov" => OptimizerRule.Nesterov,
            string other => throw new OpException($"mode is \"{other}\", must be standard or nesterov"),
        },
    };
}
