namespace Ai3.Runtime;

/// <summary>
/// Makes subgraphs stand on their own: what they capture becomes inputs of theirs and of the node that owns them, so that a body
/// is compiled and run like any graph.
/// </summary>
internal static class SubgraphClosure
{
    /// <summary>Closes every subgraph of a linked graph, the innermost first.</summary>
    public static void Close(Graph graph)
    {
        foreach (Node node in graph.Nodes)
        {
            if (node.Subgraphs.Count == 0)
                continue;
            foreach (Graph body in node.Subgraphs.Values)
                Close(body);
            GraphValue[] captured = [.. node.Subgraphs.Values.SelectMany(b => b.Captures).Distinct()];
            foreach (Graph body in node.Subgraphs.Values)
                Replace(body, captured);
            // The linker noted the node as a reader of each already; of a constant it stays one, so that its memory is kept.
            node.InputList.AddRange(captured.Where(c => c.Constant is null));
            node.CapturedCount = captured.Count(c => c.Constant is null);
        }
    }

    /// <summary>Hands captures that have become constants to the subgraphs that read them.</summary>
    public static void BindConstants(Node node)
    {
        for (int k = node.CapturedCount - 1; k >= 0; k--)
        {
            if (node.Inputs[node.FormalCount + k] is not { Constant: { } constant } outer)
                continue;
            int fromEnd = node.CapturedCount - k;
            foreach (Graph body in node.Subgraphs.Values)
            {
                GraphValue inner = body.InputList[^fromEnd];
                inner.Constant = constant;
                inner.Fact = outer.Fact;
                body.InputList.Remove(inner);
            }
            node.InputList.RemoveAt(node.InputList.Count - fromEnd);
            node.CapturedCount--;
        }
    }

    private static void Replace(Graph body, GraphValue[] captured)
    {
        var inner = new Dictionary<GraphValue, GraphValue>(captured.Length);
        foreach (GraphValue outer in captured)
        {
            var value = new GraphValue(outer.Name, outer.Fact) { Constant = outer.Constant };
            inner.Add(outer, value);
            if (outer.Constant is null)
                body.InputList.Add(value);
        }
        foreach (Node node in body.Nodes)
        {
            for (int i = 0; i < node.InputList.Count; i++)
            {
                if (node.InputList[i] is not { } read || !inner.TryGetValue(read, out GraphValue? value))
                    continue;
                node.InputList[i] = value;
                value.ReaderList.Add(node);
                read.ReaderList.Remove(node);
            }
        }
        for (int i = 0; i < body.OutputList.Count; i++)
            body.OutputList[i] = inner.GetValueOrDefault(body.OutputList[i], body.OutputList[i]);
        body.CaptureSet.Clear();
    }
}
