using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>
/// One plan for every size of some dimensions up to a capacity, as a decoder needs whose cache grows with each token: memory,
/// algorithms and packed constants are settled at the capacity, and a size binds anew only the kernels whose shapes mention it.
/// </summary>
internal sealed class GrowingPlan : IDisposable
{
    private readonly Graph _graph;
    private readonly PlanContext _context;
    private readonly Dictionary<string, long> _capacity;
    private readonly ImmutableHashSet<string> _growing;
    private readonly FactTable _facts;
    private readonly ExecutablePlan _plan;
    private readonly Reorders _reorders;
    private readonly ImmutableArray<int> _dependent;

    private GrowingPlan(Graph graph, PlanContext context, Dictionary<string, long> capacity, ImmutableHashSet<string> growing, FactTable facts, ExecutablePlan plan)
    {
        _graph = graph;
        _context = context;
        _capacity = capacity;
        _growing = growing;
        _facts = facts;
        _plan = plan;
        _reorders = new Reorders(context.Catalog, context.Target);
        _dependent = [.. Enumerable.Range(0, plan.Steps.Length).Where(i => Slots(plan.Steps[i]).Any(IsDependent))];
    }

    /// <summary>Makes a plan at the capacity.</summary>
    /// <param name="graph">The compiled graph, its facts on symbols.</param>
    /// <param name="context">What plans are made with.</param>
    /// <param name="capacity">Every symbol's number; of growing ones, the greatest.</param>
    /// <param name="growing">The symbols that grow.</param>
    /// <returns>The plan, or null where something depends on them in a way that only inference in numbers can follow.</returns>
    public static GrowingPlan? TryCreate(Graph graph, PlanContext context, Dictionary<string, long> capacity, ImmutableHashSet<string> growing)
    {
        var facts = new FactTable();
        foreach (GraphValue value in graph.Inputs.Concat(graph.Nodes.SelectMany(n => n.Outputs).OfType<GraphValue>()))
        {
            if (Bound(value, capacity) is not { } fact)
                return null;
            facts.Set(value, fact);
        }
        var plan = new GrowingPlan(graph, context, capacity, growing, facts, PlanBuilder.Build(graph, facts, context, grows: true));
        return plan.IsSound() ? plan : null;
    }

    /// <summary>The plan at given numbers; null where they are beyond the capacity or a kernel does not apply.</summary>
    public ExecutablePlan? At(Dictionary<string, long> numbers)
    {
        foreach ((string symbol, long number) in numbers)
            if (!_capacity.TryGetValue(symbol, out long most) || (_growing.Contains(symbol) ? number > most : number != most))
                return null;
        PlanStep[] steps = [.. _plan.Steps];
        var constants = ImmutableArray.CreateBuilder<PlacedConstant>();
        var known = new Dictionary<GraphValue, ValueFact?>();
        ValueFact? FactAt(GraphValue value)
        {
            if (!IsDependent(value))
                return _facts.Of(value);
            if (!known.TryGetValue(value, out ValueFact? fact))
                known[value] = fact = Bound(value, numbers);
            return fact;
        }
        foreach (int index in _dependent)
        {
            if (Resized(steps[index], FactAt) is not { } step)
                return null;
            steps[index] = step;
            if (!TryAddConstants(step, FactAt, constants))
                return null;
        }
        return _plan.Resized([.. steps], constants.ToImmutable(), [.. _graph.Inputs.Select(i => TypeOf(i, FactAt))],
            [.. _graph.Outputs.Select((o, i) => _plan.Outputs[i] is null ? null : TypeOf(o, FactAt))]);
    }

    public void Dispose() => _plan.Contexts.Dispose();

    private static TensorType? TypeOf(GraphValue value, Func<GraphValue, ValueFact?> factAt) =>
        factAt(value) is TensorFact { IsKnown: true } fact ? new TensorType(fact.Type, fact.KnownShape) : null;

    // Steps that the run resolves are settled for one size only.
    private bool IsSound() => _dependent.All(i => _plan.Steps[i].Dynamic is null)
        && _graph.Outputs.Select((o, i) => _plan.Outputs[i] is not null || !IsDependent(o)).All(b => b);

    private PlanStep? Resized(PlanStep step, Func<GraphValue, ValueFact?> factAt)
    {
        if (Slots(step).Any(s => BytesAt(s, factAt) is not { } bytes || bytes > s.Root.Bytes))
            return null;
        if (step.Selection is { } selection)
            return Rebound(step, selection, factAt);
        if (TypeOf(step.InputSlots[0]!.Value, factAt) is not { } operand)
            return null;
        Format from = step.InputSlots[0]!.Format;
        if (step.Problem is null)
            return step.Resized(null, new CopyKernel(operand.Type.ByteCount(from.StorageCount(operand.Shape))));
        Candidate reorder = _reorders.Find(operand, from, step.OutputSlots[0]!.Format, out Problem problem);
        return reorder.WorkspaceBytes <= _plan.WorkspaceBytes ? step.Resized(problem, reorder.Bind(null)) : null;
    }

    // Shape arithmetic that a kernel reads from memory has other values at each size.
    private bool TryAddConstants(PlanStep step, Func<GraphValue, ValueFact?> factAt, ImmutableArray<PlacedConstant>.Builder constants)
    {
        for (int i = 0; i < step.InputSlots.Length; i++)
        {
            if (step.InputSlots[i] is not { } slot || slot.Root.Kind != SlotKind.Constant || !IsDependent(slot))
                continue;
            if (slot.Format != Format.Plain || factAt(slot.Value) is not TensorFact { Constant: { } constant })
                return false;
            constants.Add(new PlacedConstant(step.FirstAddress + i, constant));
        }
        return true;
    }

    private PlanStep? Rebound(PlanStep step, NodeSelection selection, Func<GraphValue, ValueFact?> factAt)
    {
        Node node = selection.Node;
        OpDefinition op = _context.Catalog.Find(node.Domain, node.OpType, node.Opset)!;
        NodeFacts view = NodeFactsOf.Create(node, factAt, static () => Dim.Symbol("?"));
        Problem problem = NodeFactsOf.Guard(node, () => op.CreateProblem(view));
        if (op.Candidate(problem, _context.Target, selection.Winner.Algorithm.Name, selection.Winner.Formats) is not { } candidate
            || candidate.WorkspaceBytes > _plan.WorkspaceBytes || SharesUnequal(step, candidate, problem))
            return null;
        PackedConstants? packed = candidate.PackKey is null ? null : _context.Packs.GetOrPack(
            candidate, [.. AlgorithmSelector.KernelInputs(node, problem).Select(v => v is null ? null : _facts.ConstantOf(v))], _context.Limits.SessionBytes);
        return step.Resized(problem, candidate.Bind(packed));
    }

    // An output over an input's memory must be of its size, and the kernel must allow it, at every size.
    private static bool SharesUnequal(PlanStep step, Candidate candidate, Problem problem)
    {
        for (int o = 0; o < step.OutputSlots.Length; o++)
            for (int i = 0; i < step.InputSlots.Length; i++)
                if (step.OutputSlots[o] is { } output && step.InputSlots[i] is { } input && output.Root == input.Root
                    && (!candidate.InPlace.Contains((o, i)) || problem.Inputs[i].ByteLength != problem.Outputs[o].ByteLength))
                    return true;
        return false;
    }

    private long? BytesAt(PlanSlot slot, Func<GraphValue, ValueFact?> factAt) => !IsDependent(slot) ? slot.Bytes
        : TypeOf(slot.Value, factAt) is { } type ? type.Type.ByteCount(slot.Format.StorageCount(type.Shape)) : null;

    private static IEnumerable<PlanSlot> Slots(PlanStep step) => step.Dynamic is { } dynamic
        ? dynamic.Inputs.Select(i => i?.Slot).Concat(dynamic.Outputs.Select(o => o?.Slot)).OfType<PlanSlot>()
        : step.InputSlots.Concat(step.OutputSlots).OfType<PlanSlot>();

    private bool IsDependent(PlanSlot slot) => IsDependent(slot.Value);

    private bool IsDependent(GraphValue value) => value.Constant is null && value.Fact is TensorFact fact
        && (fact.Shape!.Any(Mentions) || (!fact.Elements.IsDefault && fact.Elements.Any(Mentions)));

    private bool Mentions(Dim dim) => !dim.IsKnown && dim.Symbols.Any(_growing.Contains);

    // Null where the symbols do not say everything.
    private static TensorFact? Bound(GraphValue value, Dictionary<string, long> numbers)
    {
        if (value.Fact is not TensorFact { Shape: not null } fact)
            return null;
        TensorFact bound = fact with
        {
            Shape = fact.Shape.Bind(numbers),
            Elements = fact.Elements.IsDefault ? default : [.. fact.Elements.Select(e => e.Bind(numbers))],
        };
        return bound.IsKnown ? (TensorFact)ShapeInference.WithConstant(bound) : null;
    }
}
