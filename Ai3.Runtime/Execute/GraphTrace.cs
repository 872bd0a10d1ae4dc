using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>
/// Runs a graph node by node, with the algorithms that a plan would have, and shows every value. Slower than a plan: each node packs and
/// binds anew, and all values between nodes are row-major.
/// </summary>
internal sealed class GraphTrace : IDisposable
{
    private readonly Graph _graph;
    private readonly PlanContext _context;
    private readonly FactTable _facts;
    private readonly LiveNodes _live;
    private readonly Dictionary<Node, NodeSelection> _choices;
    private readonly Dictionary<GraphValue, Value?> _values = [];
    private readonly Dictionary<GraphValue, int> _remaining = [];
    private readonly HashSet<Value> _owned = new(ReferenceEqualityComparer.Instance);

    public GraphTrace(Graph graph, PlanContext context, IReadOnlyList<Value?> inputs)
    {
        (_graph, _context) = (graph, context);
        for (int i = 0; i < inputs.Count; i++)
            _values[graph.Inputs[i]] = inputs[i];
        _facts = ShapeInference.Run(graph, context.Catalog, input => _values[input]!.Fact);
        _live = LiveNodes.Of(graph, _facts, context.Catalog);
        _choices = AlgorithmSelector.Run([.. _live.Order.Where(n => !_live.IsDynamic(n)).Select(Resolve)], context);
    }

    /// <summary>Runs the nodes in order.</summary>
    public IEnumerable<TracedNode> Run(RunScope scope)
    {
        foreach (Node node in _live.Order)
        {
            scope.Check(node.Name);
            TracedNode traced = _choices.TryGetValue(node, out NodeSelection? choice) ? RunStatic(choice) : RunDynamic(node, scope);
            yield return traced;
            for (int o = 0; o < node.Outputs.Count; o++)
            {
                if (o >= traced.Outputs.Length || traced.Outputs[o] is not { } made)
                    continue;
                if (node.Outputs[o] is { } output && _live.Uses(output) is > 0 and var uses)
                    (_values[output], _remaining[output]) = (made, uses);
                else
                    Release(made);
            }
            foreach (GraphValue read in node.Reads)
                if (_remaining.TryGetValue(read, out int left) && (_remaining[read] = left - 1) == 0 && _values.Remove(read, out Value? dead))
                    Release(dead!);
        }
    }

    public void Dispose()
    {
        foreach (Value value in _owned)
            (value as IDisposable)?.Dispose();
    }

    private TracedNode RunStatic(NodeSelection choice)
    {
        Value?[] inputs = [.. AlgorithmSelector.KernelInputs(choice.Node, choice.Problem).Select((v, i) => v is null || choice.Problem.Inputs[i].IsAbsent ? null : ValueOf(v))];
        Value?[] outputs = choice.Winner.Algorithm.IsView
            ? [((Tensor)inputs[0]!).Reshape(choice.Problem.Outputs[0].Shape).Clone()]
            : NodeFactsOf.Guard(choice.Node, () => _context.Runner.Compute(choice.Problem, choice.Winner, inputs));
        return Traced(choice.Node, inputs, outputs) with { Problem = choice.Problem, Winner = choice.Winner };
    }

    private TracedNode RunDynamic(Node node, RunScope scope)
    {
        Value?[] inputs = [.. node.Inputs.Concat(node.FusedInputs).Select(v => v is null ? null : ValueOf(v))];
        var dynamic = new DynamicNode(node, _context.Selection.For(node, OpOf(node)).Selector, [], [], _context.Bodies.Of(node));
        Value[] results = DynamicExecutor.Compute(dynamic, inputs, _context.Runner, scope, out bool isView);
        return Traced(node, inputs, [.. results.Select(r => isView || Array.IndexOf(inputs, r) >= 0 && r is Tensor ? ((Tensor)r).Clone() : r)]);
    }

    private TracedNode Traced(Node node, Value?[] inputs, Value?[] outputs)
    {
        foreach (Value output in outputs.OfType<Value>())
            if (output is Tensor)
                _owned.Add(output);
        return new TracedNode { Node = node, Op = OpOf(node), Inputs = [.. inputs], Outputs = [.. outputs] };
    }

    private Value ValueOf(GraphValue value) => _facts.ConstantOf(value) ?? _values[value] ?? throw new InvalidOperationException($"value '{value.Name}' is read before it is made");

    private void Release(Value value)
    {
        if (_owned.Remove(value))
            ((Tensor)value).Dispose();
    }

    private OpDefinition? OpOf(Node node) => _context.Catalog.Find(node.Domain, node.OpType, node.Opset);

    private SelectionNode Resolve(Node node)
    {
        OpDefinition op = OpOf(node)!;
        NodeFacts view = NodeFactsOf.Create(node, _facts.Of, static () => Dim.Symbol("?"));
        return new SelectionNode(node, op, NodeFactsOf.Guard(node, () => op.CreateProblem(view)));
    }
}
