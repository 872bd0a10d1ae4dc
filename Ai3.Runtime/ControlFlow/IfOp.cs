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
        if (Inferred(node, true, out GraphException? wrongThen) is not { IsDefault: false } then)
            return Inferred(node, false, out _) is { IsDefault: false } only ? only : throw wrongThen!;
        if (Inferred(node, false, out _) is not { IsDefault: false } otherwise)
            return then;
        if (then.Length != otherwise.Length)
            throw new OpException($"'then_branch' gives {then.Length} outputs and 'else_branch' {otherwise.Length}, must be as many");
        if (node.Node.Outputs.Count > then.Length)
            throw new OpException($"the node has {node.Node.Outputs.Count} outputs, its branches give {then.Length}");
        return [.. then.Zip(otherwise, (a, b) => FactJoin.Join(a, b, _ => node.Fresh()))];
    }

    // The default array for a branch that contradicts itself: one for inputs of another kind, which the condition keeps from running.
    private static ImmutableArray<ValueFact?> Inferred(ControlFlowFacts node, bool condition, out GraphException? contradiction)
    {
        contradiction = null;
        try
        {
            return [.. node.InferBody(Branch(condition), []).Select(FactJoin.WithoutValue)];
        }
        catch (GraphException e)
        {
            contradiction = e;
            return default;
        }
    }

    public override Value[] Run(ControlFlowCall call) =>
        call.RunBody(Branch(ControlFlowCall.ScalarOf<bool>(call.Inputs[0]!, "the condition")));
}
