using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>
/// Rotary positions written out over [batch, head, position, size] become one RotaryEmbedding node: x cos + rotate_half(x) sin with tables that
/// repeat their first half, or pairs (x1 cos - x2 sin, x1 sin + x2 cos) of halves or of neighbours, put together again.
/// </summary>
internal sealed class FuseRotary : IRewrite
{
    private const int Opset = 23;
    private const int MicrosoftOpset = 1;

    public string Name => "fuse_rotary";

    public bool Apply(RewriteContext context)
    {
        bool changed = false;
        // Made in front of the first rotation; those that share them come later.
        var tables = new RotaryTables(context);
        foreach (Node node in context.NodesOf("Add", "Concat"))
            changed |= (node.OpType == "Add" ? RotaryPattern.Rotated(node) : RotaryPattern.Paired(context, node)) is { } found && Replace(context, tables, node, found);
        return changed;
    }

    private static bool Replace(RewriteContext context, RotaryTables tables, Node root, RotaryPattern found)
    {
        if (found.X.Tensor is not { Type: DType.Float32, Shape: { Rank: 4 } x } || !x[1].IsKnown || !x[3].IsKnown
            || found.Last.Outputs[0]?.Tensor?.Shape is not { } y || !y.Equals(x) || tables.Of(found, root, x) is not var (cos, sin, each))
            return false;
        Attributes attributes = Attributes.Empty.With("interleaved", found.Interleaved ? 1L : 0L);
        if (each)
            context.Patch.Replace(found.Last, "", "RotaryEmbedding", Opset, attributes, [found.X, cos, sin], found.Nodes);
        else
            context.Patch.Replace(found.Last, Pattern.Microsoft, "RotaryEmbedding", MicrosoftOpset, attributes.With("num_heads", x[1].Value),
                [found.X, tables.Start, cos, sin], found.Nodes);
        return true;
    }
}
