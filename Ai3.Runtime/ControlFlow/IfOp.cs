using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>If: one of two bodies without inputs, by a condition.</summary>
internal sealed class IfOp : ControlFlowOp
{
    /// <summary>The attribute of the body that a condition picks.</summary>
    public static string Branch(bool condition) => condition ? "then_branch" : "else_branch";

    public override ImmutableArray<ValueFact?> Infer(ControlFlowFacts node)
    {
        if (node.InputCount != 1)
            throw new OpException($"the node has {node.InputCount} inputs, the operator takes 1");
        node.CheckScalar(0, DType.Bool);
        ImmutableArray<ValueFact?> then = node.InferBody(Branch(true), []), otherwise = node.InferBody(Branch(false), []);
        if (then.Length != otherwise.Length)
            throw new OpException($"'then_branch' gives {then.Length} outputs and 'else_branch' {otherwise.Length}, must be as many");
        if (node.Node.Outputs.Count > then.Length)
            throw new OpException($"the node has {node.Node.Outputs.Count} outputs, its branches give {then.Length}");
        return [.. then.Zip(otherwise, (a, b) => FactJoin.Join(FactJoin.WithoutValue(a), FactJoin.WithoutValue(b), _ => node.Fresh()))];
    }

    public override Value[] Run(ControlFlowCall call) =>
        call.RunBody(Branch(ControlFlowCall.ScalarOf<bool>(call.Inputs[0]!, "the condition")));
}
