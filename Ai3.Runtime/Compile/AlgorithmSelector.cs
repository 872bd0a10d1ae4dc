using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Chooses an algorithm and layouts for each node so that node costs and the layout changes between them are small.</summary>
/// <remarks>
/// A first pass along the graph, then sweeps that let each node reconsider under its neighbours' choices, until nothing changes.
/// The result is an assignment, whatever the method: an exact solver can take this one's place.
/// </remarks>
internal static class AlgorithmSelector
{
    private const int MaxSweeps = 4;

    /// <summary>Nanoseconds that a layout change takes beside its traffic.</summary>
    private const double ReorderOverhead = 300;

    /// <summary>The candidates that a list of names admits: those of the first name that applies.</summary>
    /// <exception cref="AlgorithmRefusedException">No name applies.</exception>
    public static IReadOnlyList<Candidate> Choose(CandidateSet set, ImmutableArray<string> names, Node node, bool strictNan = false)
    {
        foreach (string name in names)
        {
            Candidate[] found = Selector.IsAuto(name) ? Automatic(set.Accepted, strictNan) : [.. set.Accepted.Where(c => c.Algorithm.Name == name)];
            if (found.Length > 0)
                return found;
        }
        throw new AlgorithmRefusedException([new RefusedNode(node.Name, node.QualifiedOp, string.Join(",", names), ReasonFor(set, names))]);
    }

    /// <summary>Chooses for every node.</summary>
    /// <exception cref="AlgorithmRefusedException">Pinned algorithms do not apply: every refused node is listed.</exception>
    /// <exception cref="SavedPlanException">A saved plan does not fit.</exception>
    public static Dictionary<Node, NodeSelection> Run(IReadOnlyList<SelectionNode> nodes, PlanContext context)
    {
        Target target = context.Target;
        var refused = ImmutableArray.CreateBuilder<RefusedNode>();
        var choices = new Dictionary<Node, NodeSelection>();
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (SelectionNode entry in nodes)
        {
            Node node = entry.Node;
            int index = counts[node.QualifiedOp] = counts.GetValueOrDefault(node.QualifiedOp, -1) + 1;
            CandidateSet set = entry.Op.Candidates(entry.Problem, target);
            if (context.Saved is { } saved)
            {
                IReadOnlyList<Candidate> planned = saved.Choose(entry, set, target);
                choices[node] = new NodeSelection(node, entry.Problem, set, [planned[0].Algorithm.Name], NodeSelection.SavedPlan, planned);
                continue;
            }
            (Selector selector, string source) = context.Selection.For(node, entry.Op);
            ImmutableArray<string> names = selector.NamesFor(new NodeView(node.Name, node.QualifiedOp, index, entry.Problem));
            try
            {
                choices[node] = new NodeSelection(node, entry.Problem, set, names, source, Choose(set, names, node, context.StrictNan));
            }
            catch (AlgorithmRefusedException e)
            {
                refused.AddRange(e.Nodes);
            }
        }
        if (refused.Count > 0)
            throw new AlgorithmRefusedException(refused.ToImmutable());
        Assign(nodes, choices, target);
        return choices;
    }

    private static void Assign(IReadOnlyList<SelectionNode> nodes, Dictionary<Node, NodeSelection> choices, Target target)
    {
        foreach (SelectionNode entry in nodes)
            choices[entry.Node].Pick(Best(entry.Node, choices, target));
        for (int sweep = 0; sweep < MaxSweeps; sweep++)
        {
            bool changed = false;
            foreach (SelectionNode entry in nodes)
            {
                NodeSelection choice = choices[entry.Node];
                Candidate before = choice.Winner;
                choice.Pick(Best(entry.Node, choices, target));
                changed |= !ReferenceEquals(before, choice.Winner);
            }
            if (!changed)
                return;
        }
    }

    private static Candidate Best(Node node, Dictionary<Node, NodeSelection> choices, Target target)
    {
        NodeSelection choice = choices[node];
        Candidate best = choice.Admitted[0];
        double least = double.PositiveInfinity;
        foreach (Candidate candidate in choice.Admitted)
        {
            double cost = candidate.CostNanoseconds + InputCost(node, candidate, choice.Problem, choices, target) + OutputCost(node, candidate, choice.Problem, choices, target);
            if (cost < least)
                (best, least) = (candidate, cost);
        }
        return best;
    }

    private static double InputCost(Node node, Candidate candidate, Problem problem, Dictionary<Node, NodeSelection> choices, Target target)
    {
        double cost = 0;
        int index = 0;
        foreach (GraphValue? input in KernelInputs(node, problem))
        {
            if (input is { Constant: null })
                cost += ReorderCost(FormatOf(input, choices), candidate.Formats.Input(index), problem.Inputs[index], target);
            index++;
        }
        return cost;
    }

    private static double OutputCost(Node node, Candidate candidate, Problem problem, Dictionary<Node, NodeSelection> choices, Target target)
    {
        double cost = 0;
        for (int o = 0; o < node.Outputs.Count && o < problem.Outputs.Length; o++)
        {
            if (node.Outputs[o] is not { } output)
                continue;
            foreach (Node reader in output.Readers.Distinct())
            {
                if (!choices.TryGetValue(reader, out NodeSelection? other) || other.PickedOrNull is not { } picked)
                    continue;
                int place = PlaceOf(output, reader, other.Problem);
                if (place >= 0)
                    cost += ReorderCost(candidate.Formats.Output(o), picked.Formats.Input(place), problem.Outputs[o], target);
            }
        }
        return cost;
    }

    private static Format FormatOf(GraphValue value, Dictionary<Node, NodeSelection> choices) =>
        value.Producer is { } producer && choices.TryGetValue(producer, out NodeSelection? choice) && choice.PickedOrNull is { } picked
            ? picked.Formats.Output(IndexOf(producer.Outputs, value)) : Format.Plain;

    private static int IndexOf(IReadOnlyList<GraphValue?> values, GraphValue value)
    {
        for (int i = 0; i < values.Count; i++)
            if (ReferenceEquals(values[i], value))
                return i;
        return -1;
    }

    private static int PlaceOf(GraphValue value, Node reader, Problem problem)
    {
        int index = 0;
        foreach (GraphValue? input in KernelInputs(reader, problem))
        {
            if (ReferenceEquals(input, value))
                return index;
            index++;
        }
        return -1;
    }

    /// <summary>The node's inputs in kernel order: the operator's own, padded with absent ones, then the fused ones.</summary>
    public static IEnumerable<GraphValue?> KernelInputs(Node node, Problem problem)
    {
        int own = problem.Inputs.Length - node.FusedInputs.Count;
        for (int i = 0; i < own; i++)
            yield return i < node.Inputs.Count ? node.Inputs[i] : null;
        foreach (GraphValue fused in node.FusedInputs)
            yield return fused;
    }

    /// <summary>Nanoseconds that a change of layout is taken to need.</summary>
    public static double ReorderCost(Format from, Format to, TensorType operand, Target target) =>
        from == to || operand.IsAbsent ? 0 : ReorderOverhead + 2.0 * operand.ByteLength / target.BytesPerNanosecond;

    private static Candidate[] Automatic(ImmutableArray<Candidate> accepted, bool strictNan)
    {
        Candidate[] all = [.. accepted.Where(c => !c.Algorithm.IsReference && !c.Algorithm.IsByNameOnly && (!strictNan || c.Algorithm.PropagatesExactly))];
        return all.Length > 0 ? all : [.. accepted];
    }

    private static string ReasonFor(CandidateSet set, ImmutableArray<string> names)
    {
        IEnumerable<string> reasons = set.Refused.Where(r => names.Contains(r.Algorithm)).Select(r => names.Length == 1 ? r.Reason : $"{r.Algorithm}: {r.Reason}");
        string text = string.Join("; ", reasons);
        return text.Length > 0 ? text
            : $"the operator has no algorithm of that name; it has {string.Join(", ", set.Accepted.Select(c => c.Algorithm.Name).Concat(set.Refused.Select(r => r.Algorithm)).Distinct())}";
    }
}
