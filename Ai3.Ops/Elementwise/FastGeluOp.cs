using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>com.microsoft FastGelu: the tanh form of GELU of x, or of x + bias.</summary>
internal sealed class FastGeluOp() : OpDefinition<ElementwiseProblem>(ElementwiseAlgorithms.For(Names, TypeSet.Float))
{
    private static readonly ImmutableArray<string> Names = ["gelu_tanh", "bias_gelu_tanh"];

    public override Oracle<ElementwiseProblem> Oracle => ElementwiseReference.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        DType type = node.SameType(0, 1);
        TypeSet.Float.Check(node.Tensor(0), 0);
        if (node.Tensor(0).Shape is { } x && node.OptionalTensor(1)?.Shape is { } bias
            && (bias.Rank != 1 || x.Rank == 0 || bias[0].IsKnown && x[^1].IsKnown && bias[0] != x[^1]))
            throw new OpException($"bias has shape {bias}, must be [{(x.Rank == 0 ? "" : x[^1])}]");
        return [new TensorFact(type, node.Tensor(0).Shape)];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        bool biased = node.Has(1);
        return new ElementwiseProblem
        {
            Function = biased ? "bias_gelu_tanh" : "gelu_tanh",
            Operands = [.. Enumerable.Range(0, node.Inputs.Length).Select(node.Operand)],
            Output = node.Operand(0),
            ConstantInputs = node.ConstantInputs,
        };
    }

    public override Problem? ParseProblem(string key) => ElementwiseProblem.Parse(key) is { } problem && Names.Contains(problem.Function) ? problem : null;
}
