using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Derives element types, shapes and small integer values of every value of a graph, on symbols.</summary>
internal sealed class ShapeInference
{
    private readonly OpCatalog _catalog;
    private readonly FactTable _facts = new();
    private readonly List<UnsupportedFeature> _missing = [];
    private int _fresh;

    private ShapeInference(OpCatalog catalog) => _catalog = catalog;

    /// <summary>Infers a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="catalog">The operators.</param>
    /// <param name="inputs">The facts of the graph's inputs.</param>
    /// <exception cref="UnsupportedModelException">Operators, versions or uses that we lack, all of them.</exception>
    /// <exception cref="GraphException">Types or shapes contradict each other.</exception>
    public static FactTable Run(Graph graph, OpCatalog catalog, Func<GraphValue, ValueFact?> inputs)
    {
        var inference = new ShapeInference(catalog);
        foreach (GraphValue input in graph.Inputs)
            if (inputs(input) is { } fact)
                inference._facts.Set(input, fact);
        foreach (Node node in graph.Nodes)
            inference.Visit(node);
        return inference._missing.Count == 0 ? inference._facts : throw new UnsupportedModelException([.. inference._missing]);
    }

    /// <summary>Infers a graph and writes the facts to its values and those of its subgraphs.</summary>
    /// <inheritdoc cref="Run"/>
    public static void Annotate(Graph graph, OpCatalog catalog, Func<GraphValue, ValueFact?> inputs) => Annotate(graph, Run(graph, catalog, inputs));

    /// <summary>The facts of a graph's inputs as declared, with numbers put in place of symbols.</summary>
    public static Func<GraphValue, ValueFact?> Declared(IReadOnlyDictionary<string, long> dimensions) => input =>
        input.Fact is TensorFact { Shape: not null } fact ? fact with { Shape = fact.Shape.Bind(dimensions) } : input.Fact;

    /// <summary>The facts of one node's outputs from those of its inputs.</summary>
    /// <exception cref="GraphException">They contradict the operator.</exception>
    /// <exception cref="OpUnsupportedException">A valid use that is not ours yet.</exception>
    public static ImmutableArray<ValueFact> InferNode(Node node, OpDefinition op, Func<GraphValue, ValueFact?> factOf, Func<Dim> fresh)
    {
        CheckCounts(node, op);
        NodeFacts view = NodeFactsOf.Create(node, factOf, fresh);
        return [.. NodeFactsOf.Guard(node, () => op.Infer(view)).Select(WithConstant)];
    }

    private void Visit(Node node)
    {
        if (ControlFlowOps.Find(node) is { } control)
        {
            VisitControlFlow(node, control);
            return;
        }
        OpDefinition? op = _catalog.Find(node.Domain, node.OpType, node.Opset);
        if (op is null)
        {
            AddMissing(node, WhyMissing(_catalog, node));
            return;
        }
        if (node.Inputs.Any(i => i is not null && _facts.Of(i) is null))
            return; // Made by an operator that is missing: already listed.
        try
        {
            ImmutableArray<ValueFact> outputs = InferNode(node, op, _facts.Of, Fresh);
            for (int i = 0; i < node.Outputs.Count && i < outputs.Length; i++)
                if (node.Outputs[i] is { } output)
                    _facts.Set(output, outputs[i]);
        }
        catch (OpUnsupportedException e)
        {
            AddMissing(node, e.Message);
        }
    }

    private void VisitControlFlow(Node node, ControlFlowOp op)
    {
        if (node.Inputs.Any(i => i is not null && _facts.Of(i) is null))
            return;
        var facts = new ControlFlowFacts(node, _facts.Of, InferBody, Fresh);
        ImmutableArray<ValueFact?> outputs = NodeFactsOf.Guard(node, () => op.Infer(facts));
        for (int i = 0; i < node.Outputs.Count && i < outputs.Length; i++)
            if (node.Outputs[i] is { } output && outputs[i] is { } fact)
                _facts.Set(output, fact);
    }

    // A body may be inferred several times, until the facts of what it carries hold in every trip.
    private ImmutableArray<ValueFact?> InferBody(Graph body, IReadOnlyList<ValueFact?> inputs)
    {
        for (int i = 0; i < inputs.Count; i++)
            if (inputs[i] is { } fact && body.Inputs[i].Constant is null)
                _facts.Set(body.Inputs[i], fact);
        foreach (Node node in body.Nodes)
            Visit(node);
        return [.. body.Outputs.Select(_facts.Of)];
    }

    private static void Annotate(Graph graph, FactTable facts)
    {
        foreach (GraphValue value in graph.Inputs.Concat(graph.Nodes.SelectMany(n => n.Outputs).OfType<GraphValue>()))
            value.Fact = facts.Of(value);
        foreach (Graph body in graph.Nodes.SelectMany(n => n.Subgraphs.Values))
            Annotate(body, facts);
    }

    /// <summary>Why a catalogue has no operator for a node.</summary>
    public static string WhyMissing(OpCatalog catalog, Node node)
    {
        if (node.Opset == 0)
            return $"the model imports no version of domain '{node.Domain}'";
        OpDefinition[] others = [.. catalog.Named(node.QualifiedOp)];
        return others.Length == 0 ? "operator is not supported"
            : $"operator is supported for opsets {string.Join(", ", others.Select(o => o.Until == int.MaxValue ? $"{o.Since}+" : $"{o.Since}-{o.Until}"))} only";
    }

    /// <summary>Checks how many inputs and outputs a node has.</summary>
    /// <exception cref="GraphException">The operator takes or gives other numbers.</exception>
    public static void CheckCounts(Node node, OpDefinition op)
    {
        int last = node.Inputs.Count;
        while (last > 0 && node.Inputs[last - 1] is null)
            last--;
        if (last < op.MinInputs || last > op.MaxInputs)
        {
            string range = op.IsVariadic ? $"{op.MinInputs} or more" : op.MinInputs == op.MaxInputs ? $"{op.MinInputs}" : $"{op.MinInputs} to {op.MaxInputs}";
            throw new GraphException($"the node has {last} inputs, the operator takes {range}", node.Name, node.QualifiedOp);
        }
        if (node.Outputs.Count > op.MaxOutputs)
            throw new GraphException($"the node has {node.Outputs.Count} outputs, the operator gives at most {op.MaxOutputs}", node.Name, node.QualifiedOp);
    }

    // Shape arithmetic that came out in numbers is a constant from here on.
    internal static ValueFact WithConstant(ValueFact fact)
    {
        if (fact is not TensorFact { Constant: null, Elements.IsDefault: false } tensor || tensor.Elements.Any(e => !e.IsKnown)
            || tensor.Shape is null || !tensor.Shape.TryGetShape(out Shape shape) || shape.Count != tensor.Elements.Length)
            return fact;
        long[] values = [.. tensor.Elements.Select(e => e.Value)];
        return tensor.Type switch
        {
            DType.Int64 => tensor with { Constant = Tensor.From(values, shape) },
            DType.Int32 => tensor with { Constant = Tensor.From(Array.ConvertAll(values, v => unchecked((int)v)), shape) },
            _ => fact,
        };
    }

    private void AddMissing(Node node, string reason)
    {
        var feature = new UnsupportedFeature(node.Name, node.QualifiedOp, node.Opset, reason);
        if (!_missing.Contains(feature))
            _missing.Add(feature);
    }

    private Dim Fresh() => Dim.Symbol($"?{_fresh++}");
}
