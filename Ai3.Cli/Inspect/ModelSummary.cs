using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Cli;

/// <summary>Nodes of one operator in a model.</summary>
/// <param name="Op">The operator.</param>
/// <param name="Nodes">How many nodes, those of subgraphs counted.</param>
/// <param name="Parameters">Elements of the constants that they read.</param>
/// <param name="Missing">What is not supported of them; empty if all is.</param>
internal sealed record OperatorSummary(string Op, int Nodes, long Parameters, string Missing);

/// <summary>Steps of one operator in a plan.</summary>
/// <param name="Op">The operator.</param>
/// <param name="Steps">How many.</param>
/// <param name="Algorithms">Who computes them, with counts.</param>
/// <param name="Flops">Floating-point operations of the definition.</param>
/// <param name="Bytes">Bytes of all operands, each once.</param>
internal sealed record StepSummary(string Op, int Steps, string Algorithms, double Flops, double Bytes);

/// <summary>Constants of a graph.</summary>
/// <param name="Tensors">How many.</param>
/// <param name="Elements">Their elements.</param>
/// <param name="Bytes">Their bytes.</param>
internal sealed record ConstantSummary(int Tensors, long Elements, long Bytes)
{
    public static ConstantSummary Of(Graph graph)
    {
        Tensor[] tensors = [.. Graphs(graph).SelectMany(g => g.Values).Select(v => v.Constant).OfType<Tensor>().Distinct()];
        return new ConstantSummary(tensors.Length, tensors.Sum(t => t.Count), tensors.Sum(t => t.ByteLength));
    }

    /// <summary>A graph and all its subgraphs.</summary>
    public static IEnumerable<Graph> Graphs(Graph graph) => graph.Nodes.SelectMany(n => n.Subgraphs.Values).SelectMany(Graphs).Prepend(graph);
}

/// <summary>A model in figures: what it holds, what of it is not supported, what a plan makes of it.</summary>
internal sealed class ModelSummary : IDisposable
{
    private readonly Session? _session;

    private ModelSummary(Model model, Session? session, ImmutableArray<UnsupportedFeature> missing)
    {
        _session = session;
        Model = model;
        Missing = missing;
        Constants = ConstantSummary.Of(model.Graph);
        Operators = [.. ConstantSummary.Graphs(model.Graph).SelectMany(g => g.Nodes).GroupBy(n => n.QualifiedOp).Select(Summarize)
            .OrderByDescending(o => o.Nodes).ThenBy(o => o.Op, StringComparer.Ordinal)];
    }

    public Model Model { get; }

    /// <summary>What is not supported, in node order.</summary>
    public ImmutableArray<UnsupportedFeature> Missing { get; }

    /// <summary>The constants of the model.</summary>
    public ConstantSummary Constants { get; }

    /// <summary>The operators, the most frequent first.</summary>
    public IReadOnlyList<OperatorSummary> Operators { get; }

    /// <summary>The graph that plans are made of; null if something is not supported.</summary>
    public Graph? Rewritten => _session?.Graph;

    /// <summary>The machine that the plan is for; null if something is not supported.</summary>
    public Target? Target => _session?.Target;

    /// <summary>The plan; null if there is none.</summary>
    public Plan? Plan { get; private set; }

    /// <summary>Why there is no plan; empty if there is.</summary>
    public string NoPlan { get; private set; } = "";

    /// <summary>The plan's steps by operator, those with the most operations first.</summary>
    public IReadOnlyList<StepSummary> Steps => Plan is null ? [] : [.. Plan.Steps.GroupBy(s => s.Op).Select(Summarize)
        .OrderByDescending(s => s.Flops).ThenByDescending(s => s.Steps).ThenBy(s => s.Op, StringComparer.Ordinal)];

    /// <param name="model">The model.</param>
    /// <param name="options">How it is compiled.</param>
    /// <param name="planOf">The plan of a session.</param>
    public static ModelSummary Of(Model model, CompileOptions options, Func<Session, Plan> planOf)
    {
        Session session;
        try
        {
            session = model.Compile(options);
        }
        catch (UnsupportedModelException e)
        {
            return new ModelSummary(model, null, e.Features) { NoPlan = "something is not supported" };
        }
        var summary = new ModelSummary(model, session, []);
        summary.Complete(session, planOf);
        return summary;
    }

    public void Dispose() => _session?.Dispose();

    // A plan of symbolic shapes takes a run, which random values need not survive.
    private void Complete(Session session, Func<Session, Plan> planOf)
    {
        try
        {
            Plan = planOf(session);
        }
        catch (Exception e) when (e is UsageException or UnsupportedModelException or ArgumentException or GraphException or LimitExceededException or OpException or ShapeException)
        {
            NoPlan = ErrorLine.Of(e);
        }
    }

    private OperatorSummary Summarize(IGrouping<string, Node> nodes)
    {
        IEnumerable<string> reasons = Missing.Where(m => m.Op == nodes.Key).GroupBy(m => m.Reason).Select(g => $"{g.Key} ({g.Count()} of {nodes.Count()})");
        long parameters = nodes.SelectMany(n => n.Reads).Select(v => v.Constant).OfType<Tensor>().Distinct().Sum(t => t.Count);
        return new OperatorSummary(nodes.Key, nodes.Count(), parameters, string.Join("; ", reasons));
    }

    private static StepSummary Summarize(IGrouping<string, PlanStep> steps)
    {
        IEnumerable<string> algorithms = steps.GroupBy(s => s.Algorithm).OrderByDescending(g => g.Count()).Select(g => g.Count() == 1 ? g.Key : $"{g.Key} x{g.Count()}");
        return new StepSummary(steps.Key, steps.Count(), string.Join(", ", algorithms), steps.Sum(s => s.Problem?.Flops ?? 0), steps.Sum(s => s.Problem?.Traffic ?? 0));
    }
}
