using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>The stages from a model to a graph that plans are made of, in order.</summary>
internal sealed class GraphCompiler
{
    private readonly CompileOptions _options;
    private readonly WorkerPool _workers;
    private readonly PlanContext _context;

    private GraphCompiler(CompileOptions options, WorkerPool workers, PlanContext context)
    {
        _options = options;
        _workers = workers;
        _context = context;
    }

    /// <summary>Compiles a model as far as shapes that are still symbols allow.</summary>
    public static CompiledModel Compile(Model model, CompileOptions options, WorkerPool workers)
    {
        Selection selection = options.Selection ?? model.Selection;
        SelectionCheck.Names(selection, options.Catalog);
        options.Plan?.CheckModel(model);
        Target target = TargetOf(options.Isa, workers);
        var runner = new NodeRunner(options.Catalog, target, workers, options.Limits);
        var context = new PlanContext(options.Catalog, selection, target, options.Limits, new PackCache(), new BodyTable(), runner, options.StrictNan, options.Plan);
        CompiledModel compiled = new GraphCompiler(options, workers, context).Compile(Linked(model), ShapeInference.Declared(options.Dimensions), null);
        try
        {
            SelectionCheck.Nodes(selection, model.Graph, compiled.Graph);
            return compiled;
        }
        catch
        {
            compiled.Dispose();
            throw;
        }
    }

    /// <summary>The graph as it is after import and inference, without rewrites.</summary>
    public static Graph Inferred(Model model, CompileOptions options)
    {
        Graph graph = Linked(model);
        ShapeInference.Annotate(graph, options.Catalog, ShapeInference.Declared(options.Dimensions));
        return graph;
    }

    private static Graph Linked(Model model)
    {
        Graph graph = GraphLinker.Link(model.Spec, model.Opsets);
        SubgraphClosure.Close(graph);
        return graph;
    }

    private bool Apply(IRewrite rewrite, Graph graph, FoldedConstants folded) => !_options.DisabledRewrites.Contains(rewrite.Name)
        && rewrite.Apply(new RewriteContext(graph, _options.Catalog, folded, _context.Target));

    private CompiledModel Compile(Graph graph, Func<GraphValue, ValueFact?> inputs, FoldedConstants? enclosing)
    {
        var folded = new FoldedConstants(enclosing);
        ShapeInference.Annotate(graph, _options.Catalog, inputs);
        foreach (IRewrite rewrite in Rewrites.BeforeFolding)
            if (Apply(rewrite, graph, folded))
                ShapeInference.Annotate(graph, _options.Catalog, inputs);
        FoldConstants.Run(graph, _context.Runner, _options.Catalog, folded);
        foreach (IRewrite rewrite in Rewrites.All)
        {
            if (!Apply(rewrite, graph, folded))
                continue;
            ShapeInference.Annotate(graph, _options.Catalog, inputs);
            FoldConstants.Run(graph, _context.Runner, _options.Catalog, folded);
        }
        foreach (Node node in graph.Nodes)
            if (node.Subgraphs.Count > 0)
                CompileBodies(node, folded);
        return new CompiledModel(graph, inputs, _context, folded, ownsContext: enclosing is null)
        {
            Specialise = graph.Nodes.Any(IsIf) ? (copy, facts) => Specialise(copy, facts, folded) : null,
        };
    }

    // Conditions that depend on shapes alone are known once these are: the branches they pick are planned with the graph around them.
    private CompiledModel? Specialise(Graph copy, Func<GraphValue, ValueFact?> inputs, FoldedConstants enclosing)
    {
        var folded = new FoldedConstants(enclosing);
        bool inlined = false, changed = true;
        while (changed)
        {
            ShapeInference.Annotate(copy, _options.Catalog, inputs);
            FoldConstants.Run(copy, _context.Runner, _options.Catalog, folded);
            changed = Apply(new InlineIf(), copy, folded);
            inlined |= changed;
        }
        if (!inlined)
            return null;
        if (Apply(new EliminateDead(), copy, folded) | Apply(new EliminateIdentity(), copy, folded))
            ShapeInference.Annotate(copy, _options.Catalog, inputs);
        PlanContext context = _context with { Bodies = new BodyTable() };
        var compiler = new GraphCompiler(_options, _workers, context);
        foreach (Node node in copy.Nodes)
            if (node.Subgraphs.Count > 0)
                compiler.CompileBodies(node, folded);
        return new CompiledModel(copy, inputs, context, folded, ownsContext: false);
    }

    private static bool IsIf(Node node) => node is { OpType: "If", Domain: "" };

    // Bodies are compiled under what the graph around them says of their inputs.
    private void CompileBodies(Node node, FoldedConstants enclosing)
    {
        SubgraphClosure.BindConstants(node);
        // A saved plan is of the model's own graph: names in bodies are not unique.
        GraphCompiler inner = _context.Saved is null ? this : new(_options, _workers, _context with { Saved = null });
        var bodies = ImmutableSortedDictionary.CreateBuilder<string, Body>(StringComparer.Ordinal);
        foreach ((string name, Graph body) in node.Subgraphs)
        {
            Dictionary<GraphValue, ValueFact?> facts = body.Inputs.ToDictionary(i => i, i => i.Fact);
            try
            {
                bodies[name] = new Body(new GraphExecutor(inner.Compile(body, facts.GetValueOrDefault, enclosing), _workers));
            }
            catch (GraphException e) when (IsIf(node))
            {
                // A branch for inputs of another kind: the condition keeps it from running.
                bodies[name] = new Body(body, e);
            }
        }
        _context.Bodies.Add(node, bodies.ToImmutable());
    }

    /// <summary>What is computed for: an instruction set, or the best there is.</summary>
    /// <exception cref="ArgumentException">The instruction set is not available.</exception>
    public static Target TargetOf(IsaLevel? wanted, WorkerPool workers)
    {
        IsaLevel isa = wanted ?? Isa.Default;
        if (!Isa.Supported.Contains(isa))
            throw new ArgumentException($"instruction set {isa} is not available here; available: {string.Join(", ", Isa.Supported)}");
        return new Target(isa, workers.Threads, CacheSizes.Typical);
    }
}
