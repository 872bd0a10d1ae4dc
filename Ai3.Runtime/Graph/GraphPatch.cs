using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Changes to a graph under compilation that keep its edges, readers and order right.</summary>
internal sealed class GraphPatch(Graph graph, FoldedConstants folded)
{
    private int _made;

    /// <summary>True if exactly one input of one node reads the value and it is no output of the graph.</summary>
    public bool IsUsedOnce(GraphValue value) => value.Readers.Count == 1 && !graph.Outputs.Contains(value);

    /// <summary>True if the value is an output of the graph.</summary>
    public bool IsOutput(GraphValue value) => graph.Outputs.Contains(value);

    /// <summary>Makes a value a constant; its producer no longer makes it.</summary>
    public void MakeConstant(GraphValue value, Tensor tensor)
    {
        value.Constant = tensor;
        value.Fact = TensorFact.OfConstant(tensor);
        value.Producer = null;
    }

    /// <summary>A new constant, freed when nobody reads it any more.</summary>
    public GraphValue AddConstant(string stem, Tensor tensor)
    {
        folded.Add(tensor);
        return new GraphValue(NewName(stem), TensorFact.OfConstant(tensor)) { Constant = tensor };
    }

    /// <summary>A new value without a producer.</summary>
    public GraphValue NewValue(string stem, ValueFact? fact) => new(NewName(stem), fact);

    /// <summary>A new node in front of another, in its operator domain's version.</summary>
    public Node InsertBefore(Node place, string opType, Attributes attributes, IEnumerable<GraphValue?> inputs, IEnumerable<GraphValue> outputs) =>
        Insert(graph.NodeList.IndexOf(place), "", place.Opset, opType, attributes, inputs, outputs);

    /// <summary>
    /// Puts a node of any domain and version in the place of the last node of a pattern: it takes over that node's first output and stands
    /// for the nodes named. The pattern's other nodes stay for whoever else reads them.
    /// </summary>
    public Node Replace(Node last, string domain, string opType, int opset, Attributes attributes, IEnumerable<GraphValue?> inputs, IEnumerable<Node> origins)
    {
        GraphValue output = last.OutputList[0]!;
        last.OutputList[0] = null;
        Node node = Insert(graph.NodeList.IndexOf(last), domain, opset, opType, attributes, inputs, [output]);
        node.Origins = [.. origins.SelectMany(n => n.Origins.IsDefaultOrEmpty ? [n.Name] : (IEnumerable<string>)n.Origins).Distinct()];
        Remove(last);
        return node;
    }

    /// <summary>Puts a node in the place of an earlier one and makes it give that node's first output as one of its own.</summary>
    public void TakeOver(Node node, int output, Node earlier)
    {
        GraphValue value = earlier.OutputList[0]!;
        earlier.OutputList[0] = null;
        while (node.OutputList.Count <= output)
            node.OutputList.Add(null);
        node.OutputList[output] = value;
        value.Producer = node;
        graph.NodeList.Remove(node);
        graph.NodeList.Insert(graph.NodeList.IndexOf(earlier), node);
        Remove(earlier);
    }

    /// <summary>A new node behind another.</summary>
    public Node InsertAfter(Node place, string opType, Attributes attributes, IEnumerable<GraphValue?> inputs, IEnumerable<GraphValue> outputs) =>
        Insert(graph.NodeList.IndexOf(place) + 1, "", place.Opset, opType, attributes, inputs, outputs);

    /// <summary>Makes an input read another value.</summary>
    public void SetInput(Node node, int index, GraphValue? value)
    {
        GraphValue? old = node.InputList[index];
        if (ReferenceEquals(old, value))
            return;
        node.InputList[index] = value;
        value?.ReaderList.Add(node);
        if (old is not null)
            DropReader(old, node);
    }

    /// <summary>Adds inputs at the end, absent ones in between, so that input <paramref name="index"/> is the value.</summary>
    public void AddInput(Node node, int index, GraphValue value)
    {
        while (node.InputList.Count <= index)
            node.InputList.Add(null);
        SetInput(node, index, value);
    }

    /// <summary>Adds an input of a fused part at the end.</summary>
    public void AddFusedInput(Node node, GraphValue value)
    {
        node.FusedInputList.Add(value);
        value.ReaderList.Add(node);
    }

    /// <summary>Makes every reader of a value read another instead.</summary>
    public void ReplaceReads(GraphValue old, GraphValue value)
    {
        foreach (Node reader in old.Readers.ToArray())
        {
            for (int i = 0; i < reader.InputList.Count; i++)
                if (ReferenceEquals(reader.InputList[i], old))
                    SetInput(reader, i, value);
            for (int i = 0; i < reader.FusedInputList.Count; i++)
            {
                if (!ReferenceEquals(reader.FusedInputList[i], old))
                    continue;
                reader.FusedInputList[i] = value;
                value.ReaderList.Add(reader);
                DropReader(old, reader);
            }
        }
    }

    /// <summary>
    /// Merges a node's only reader into it: the node takes over the reader's output and its place in the order, and stands for both.
    /// </summary>
    public void Absorb(Node node, Node reader)
    {
        GraphValue output = reader.OutputList[0]!;
        reader.OutputList[0] = null;
        node.OutputList[0] = output;
        output.Producer = node;
        node.Origins = [.. node.Origins, .. reader.Origins];
        graph.NodeList.Remove(node);
        graph.NodeList.Insert(graph.NodeList.IndexOf(reader), node);
        Remove(reader);
    }

    /// <summary>Removes a node whose outputs nobody needs or that have become constants.</summary>
    public void Remove(Node node)
    {
        graph.NodeList.Remove(node);
        foreach (GraphValue read in node.Reads.ToArray())
            DropReader(read, node);
        node.InputList.Clear();
        node.FusedInputList.Clear();
    }

    private Node Insert(int index, string domain, int opset, string opType, Attributes attributes, IEnumerable<GraphValue?> inputs, IEnumerable<GraphValue> outputs)
    {
        var node = new Node(NewName(opType), domain, opType, attributes) { Opset = opset };
        foreach (GraphValue? input in inputs)
        {
            node.InputList.Add(input);
            input?.ReaderList.Add(node);
        }
        foreach (GraphValue output in outputs)
        {
            node.OutputList.Add(output);
            output.Producer = node;
        }
        graph.NodeList.Insert(index, node);
        return node;
    }

    private void DropReader(GraphValue value, Node node)
    {
        value.ReaderList.Remove(node);
        if (value is not { Readers.Count: 0, Constant: not null } || graph.Outputs.Contains(value))
            return;
        folded.Release(value.Constant);
        value.Constant = null;
    }

    private string NewName(string stem) => $"{stem}@{graph.Nodes.Count}.{_made++}";
}
