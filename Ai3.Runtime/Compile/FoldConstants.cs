using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Computes nodes whose inputs are all constants, within a budget; what exceeds it stays a node.</summary>
internal static class FoldConstants
{
    public static void Run(Graph graph, NodeRunner runner, OpCatalog catalog, FoldedConstants folded)
    {
        var patch = new GraphPatch(graph, folded);
        foreach (Node node in graph.Nodes.ToArray())
        {
            if (node.Outputs.All(o => o is null || o.Tensor?.Constant is not null) && node.Outputs.Count > 0)
            {
                foreach (GraphValue output in node.Outputs.OfType<GraphValue>())
                    patch.MakeConstant(output, output.Tensor!.Constant!);
                patch.Remove(node);
            }
            else if (CanFold(node, catalog) && OutputBytes(node) is { } bytes && folded.LiveBytes + bytes <= runner.Limits.FoldedBytes)
            {
                Fold(node, runner, patch, folded);
            }
        }
    }

    private static void Fold(Node node, NodeRunner runner, GraphPatch patch, FoldedConstants folded)
    {
        Value?[] inputs = [.. node.Inputs.Select(i => i?.Constant)];
        Value[] results = runner.Run(node, inputs, static _ => [Selector.Auto], out bool isView);
        for (int o = 0; o < node.Outputs.Count; o++)
        {
            var tensor = (Tensor)results[o];
            if (isView)
                folded.AddView(tensor, (Tensor)inputs[0]!);
            else
                folded.Add(tensor);
            if (node.Outputs[o] is { } output)
                patch.MakeConstant(output, tensor);
            else
                folded.Release(tensor);
        }
        patch.Remove(node);
    }

    private static bool CanFold(Node node, OpCatalog catalog)
    {
        if (node.Subgraphs.Count > 0)
            return false;
        OpDefinition op = catalog.Find(node.Domain, node.OpType, node.Opset)!;
        return !op.IsNondeterministic && node.FusedInputs.Count == 0 && node.Fusion.IsNone
            && node.Inputs.All(i => i is null || i.Constant is not null) && node.Inputs.Any(i => i is not null);
    }

    // Null where an output is no tensor or its size is not known ahead.
    private static long? OutputBytes(Node node)
    {
        long bytes = 0;
        foreach (GraphValue? output in node.Outputs)
        {
            if (output is null)
                continue;
            if (output.Tensor is not { IsKnown: true } fact || fact.Type == DType.String)
                return null;
            bytes = ShapeMath.Add(bytes, fact.Type.ByteCount(fact.KnownShape.Count));
        }
        return bytes;
    }
}
