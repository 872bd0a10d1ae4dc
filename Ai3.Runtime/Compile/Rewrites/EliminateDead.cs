namespace Ai3.Runtime;

/// <summary>Removes nodes that no output depends on.</summary>
internal sealed class EliminateDead : IRewrite
{
    public string Name => "eliminate_dead";

    public bool Apply(RewriteContext context)
    {
        bool changed = false;
        for (int i = context.Graph.Nodes.Count - 1; i >= 0; i--)
        {
            Node node = context.Graph.Nodes[i];
            if (node.Outputs.Any(o => o is not null && (o.Readers.Count > 0 || context.Patch.IsOutput(o))))
                continue;
            context.Patch.Remove(node);
            changed = true;
        }
        return changed;
    }
}
