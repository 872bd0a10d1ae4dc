using Ai3.Ops;

namespace Ai3.Runtime;

/// <summary>The stages from a model to a graph that plans are made of, in order.</summary>
internal static class GraphCompiler
{
    /// <summary>Compiles a model as far as shapes that are still symbols allow.</summary>
    public static CompiledModel Compile(Model model, CompileOptions options, WorkerPool workers)
    {
        Selection selection = options.Selection ?? model.Selection;
        SelectionCheck.Names(selection, options.Catalog);
        Target target = TargetOf(options, workers);
        var runner = new NodeRunner(options.Catalog, target, workers, options.Limits);
        Graph graph = GraphLinker.Link(model.Spec, model.Opsets);
        Infer(graph, options);
        var folded = new FoldedConstants();
        FoldConstants.Run(graph, runner, options.Catalog, folded);
        foreach (IRewrite rewrite in Rewrites.All)
        {
            if (options.DisabledRewrites.Contains(rewrite.Name))
                continue;
            if (!rewrite.Apply(new RewriteContext(graph, options.Catalog, folded)))
                continue;
            Infer(graph, options);
            FoldConstants.Run(graph, runner, options.Catalog, folded);
        }
        var context = new PlanContext(options.Catalog, selection, target, options.Limits, new PackCache(), runner, options.StrictNan);
        return new CompiledModel(graph, options, context, folded);
    }

    /// <summary>The graph as it is after import and inference, without rewrites.</summary>
    public static Graph Inferred(Model model, CompileOptions options)
    {
        Graph graph = GraphLinker.Link(model.Spec, model.Opsets);
        Infer(graph, options);
        return graph;
    }

    private static void Infer(Graph graph, CompileOptions options)
    {
        FactTable facts = ShapeInference.Run(graph, options.Catalog, ShapeInference.Declared(options.Dimensions));
        foreach (GraphValue value in graph.Nodes.SelectMany(n => n.Outputs).OfType<GraphValue>())
            value.Fact = facts.Of(value);
        foreach (GraphValue input in graph.Inputs)
            input.Fact = facts.Of(input);
    }

    private static Target TargetOf(CompileOptions options, WorkerPool workers)
    {
        IsaLevel isa = options.Isa ?? Isa.Default;
        if (!Isa.Supported.Contains(isa))
            throw new ArgumentException($"instruction set {isa} is not available here; available: {string.Join(", ", Isa.Supported)}");
        return new Target(isa, workers.Threads, CacheSizes.Typical);
    }
}
