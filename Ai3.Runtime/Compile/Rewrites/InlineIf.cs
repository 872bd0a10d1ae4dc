using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Puts the branch that a constant condition picks in place of an If.</summary>
internal sealed class InlineIf : IRewrite
{
    public string Name => "inline_if";

    public bool Apply(RewriteContext context)
    {
        bool changed = false;
        foreach (Node node in context.NodesOf("If"))
        {
            if (node.Inputs[0]?.Constant is not { Type: DType.Bool, Count: 1 } condition)
                continue;
            Inline(context, node, node.Subgraphs[IfOp.Branch(condition.AsSpan<bool>()[0])]);
            changed = true;
        }
        return changed;
    }

    private static void Inline(RewriteContext context, Node node, Graph branch)
    {
        // All of a branch's inputs are captures.
        for (int i = 0; i < branch.Inputs.Count; i++)
        {
            GraphValue outer = node.Inputs[node.FormalCount + i]!;
            foreach (Node reader in branch.Nodes)
                for (int k = 0; k < reader.InputList.Count; k++)
                    if (ReferenceEquals(reader.InputList[k], branch.Inputs[i]))
                        context.Patch.SetInput(reader, k, outer);
            for (int o = 0; o < branch.Outputs.Count; o++)
                if (ReferenceEquals(branch.Outputs[o], branch.Inputs[i]))
                    branch.OutputList[o] = outer;
        }
        int place = context.Graph.NodeList.IndexOf(node);
        context.Graph.NodeList.InsertRange(place, branch.Nodes);
        for (int o = 0; o < node.Outputs.Count; o++)
            if (node.Outputs[o] is { } output)
                context.Patch.InsertBefore(node, "Identity", Ops.Attributes.Empty, [branch.Outputs[o]], [output]);
        context.Patch.Remove(node);
    }
}
