using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>A rewritten graph, ready for plans: one for each set of input shapes.</summary>
/// <param name="graph">The graph.</param>
/// <param name="declared">What is known of its inputs before any run.</param>
/// <param name="context">What plans are made with; shared with subgraphs.</param>
/// <param name="folded">Tensors that compiling made.</param>
/// <param name="ownsContext">True for the model's own graph, false for a subgraph.</param>
internal sealed class CompiledModel(Graph graph, Func<GraphValue, ValueFact?> declared, PlanContext context, FoldedConstants folded, bool ownsContext) : IDisposable
{
    /// <summary>The rewritten graph, on symbols.</summary>
    public Graph Graph => graph;

    /// <summary>Compiles a copy of the graph for shapes in numbers; null if that decides nothing more. Null where no graph would gain.</summary>
    public Func<Graph, Func<GraphValue, ValueFact?>, CompiledModel?>? Specialise { get; init; }

    /// <summary>The machine.</summary>
    public Target Target => context.Target;

    /// <summary>Computes steps that only the run can resolve.</summary>
    public NodeRunner Runner => context.Runner;

    /// <summary>A plan made before the first run, if every input's shape is known in numbers.</summary>
    public CompiledShapes? TryPlanAhead() => graph.Inputs.All(i => declared(i) is TensorFact { IsKnown: true }) ? MakePlan(declared) : null;

    /// <summary>The plan for the shapes of given inputs.</summary>
    /// <exception cref="ArgumentException">One symbol stands for two numbers.</exception>
    public CompiledShapes MakePlan(Value?[] inputs)
    {
        var numbers = new Dictionary<string, long>();
        var facts = new Dictionary<GraphValue, ValueFact>();
        for (int i = 0; i < inputs.Length; i++)
        {
            facts[graph.Inputs[i]] = inputs[i]!.Fact;
            // A body's symbols are made by inference and may stand for another number in each trip.
            if (ownsContext && inputs[i] is Tensor tensor)
                BindSymbols(graph.Inputs[i], tensor.Shape, numbers);
        }
        return MakePlan(i => facts[i]);
    }

    /// <summary>
    /// The number of each symbol that the inputs' shapes are declared by, under values at hand; null where the symbols do not say
    /// all of their shapes.
    /// </summary>
    public Dictionary<string, long>? NumbersOf(Value?[] inputs)
    {
        var numbers = new Dictionary<string, long>();
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i] is not Tensor tensor || declared(graph.Inputs[i]) is not TensorFact { Shape: { } shape } || shape.Rank != tensor.Shape.Rank)
                return null;
            for (int d = 0; d < shape.Rank; d++)
                if (!shape[d].IsKnown && (!IsSymbol(shape[d], out string symbol) || !(numbers.TryAdd(symbol, tensor.Shape[d]) || numbers[symbol] == tensor.Shape[d])))
                    return null;
        }
        return numbers;
    }

    /// <summary>A plan that serves growing symbols up to a capacity; null where the graph does not allow it.</summary>
    public GrowingPlan? TryGrow(Dictionary<string, long> most, ImmutableHashSet<string> growing) =>
        // A saved plan says nothing of a capacity that no run had.
        context.Saved is not null ? null : GrowingPlan.TryCreate(graph, context, most, growing);

    /// <summary>The graph that a plan for these inputs has, to be run node by node.</summary>
    public GraphTrace Trace(Value?[] inputs) =>
        Specialised(input => inputs[IndexOf(input)]!.Fact, out _)?.Trace(inputs) ?? new GraphTrace(graph, context, inputs);

    private int IndexOf(GraphValue input)
    {
        int index = 0;
        while (graph.Inputs[index] != input)
            index++;
        return index;
    }

    public void Dispose()
    {
        folded.Dispose();
        if (!ownsContext)
            return;
        context.Bodies.Dispose();
        context.Packs.Dispose();
    }

    private CompiledShapes MakePlan(Func<GraphValue, ValueFact?> inputs)
    {
        if (Specialised(inputs, out Dictionary<GraphValue, ValueFact?> facts) is { } special)
            return special.MakePlan(facts.GetValueOrDefault);
        return PlanFor(inputs);
    }

    // A copy of the graph compiled for shapes in numbers, with the facts of the copy's inputs; null where no graph would gain.
    private CompiledModel? Specialised(Func<GraphValue, ValueFact?> inputs, out Dictionary<GraphValue, ValueFact?> facts)
    {
        facts = [];
        if (Specialise is null || graph.Inputs.Any(i => inputs(i) is TensorFact { IsKnown: false }))
            return null;
        Graph copy = GraphCopy.Of(graph);
        facts = copy.Inputs.Zip(graph.Inputs).ToDictionary(p => p.First, p => inputs(p.Second));
        return Specialise(copy, facts.GetValueOrDefault);
    }

    private CompiledShapes PlanFor(Func<GraphValue, ValueFact?> inputs)
    {
        FactTable facts = ShapeInference.Run(graph, context.Catalog, inputs);
        ExecutablePlan plan = PlanBuilder.Build(graph, facts, context);
        ImmutableArray<TensorType?> types = [.. graph.Inputs.Select(i => inputs(i) is TensorFact { IsKnown: true } t ? new TensorType(t.Type, t.KnownShape) : (TensorType?)null)];
        return new CompiledShapes(types, plan);
    }

    private static void BindSymbols(GraphValue input, Shape shape, Dictionary<string, long> numbers)
    {
        if (input.Fact is not TensorFact { Shape: { } declared })
            return;
        for (int i = 0; i < declared.Rank; i++)
        {
            if (!IsSymbol(declared[i], out string symbol))
                continue;
            if (!numbers.TryAdd(symbol, shape[i]) && numbers[symbol] != shape[i])
                throw new ArgumentException($"input '{input.Name}' has {shape[i]} for dimension '{symbol}', which is {numbers[symbol]} elsewhere");
        }
    }

    // A dimension that is a symbol by itself.
    private static bool IsSymbol(Dim dim, out string symbol)
    {
        symbol = dim.Symbols.FirstOrDefault("");
        return !dim.IsKnown && dim == Dim.Symbol(symbol);
    }
}
