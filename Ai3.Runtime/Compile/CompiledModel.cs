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
        FactTable facts = ShapeInference.Run(graph, context.Catalog, inputs);
        ExecutablePlan plan = PlanBuilder.Build(graph, facts, context);
        ImmutableArray<TensorType?> types = [.. graph.Inputs.Select(i => inputs(i) is TensorFact { IsKnown: true } t ? new TensorType(t.Type, t.KnownShape) : (TensorType?)null)];
        return new CompiledShapes(types, facts, plan);
    }

    private static void BindSymbols(GraphValue input, Shape shape, Dictionary<string, long> numbers)
    {
        if (input.Fact is not TensorFact { Shape: { } declared })
            return;
        for (int i = 0; i < declared.Rank; i++)
        {
            if (declared[i].IsKnown || declared[i].Symbols.Count() != 1 || declared[i] != Dim.Symbol(declared[i].Symbols.First()))
                continue;
            string symbol = declared[i].Symbols.First();
            if (!numbers.TryAdd(symbol, shape[i]) && numbers[symbol] != shape[i])
                throw new ArgumentException($"input '{input.Name}' has {shape[i]} for dimension '{symbol}', which is {numbers[symbol]} elsewhere");
        }
    }
}
