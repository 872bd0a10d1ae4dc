using System.Collections.Immutable;
using Ai3.Ops;

namespace Ai3.Runtime;

/// <summary>What a saved plan says of one node.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Op">The operator.</param>
/// <param name="Problem">The problem's key.</param>
/// <param name="Algorithm">Who computes it.</param>
/// <param name="Formats">In which layouts.</param>
public sealed record PlannedNode(string Node, string Op, string Problem, string Algorithm, string Formats);

/// <summary>
/// The algorithms and layouts of a plan as a file to review and commit, tied to the model by <see cref="ModelHash"/>. A session
/// compiled with it computes every node of the model's own graph as it says, or fails; nodes inside loops and branches, and steps that
/// only the run resolves, are selected as without it.
/// </summary>
/// <remarks>
/// Entries are found by node name and problem key. On another instruction set than the plan's, layouts (whose blocks have other
/// widths there) are chosen anew, and algorithms stay.
/// </remarks>
public sealed class SavedPlan
{
    private readonly Dictionary<(string Node, string Problem), PlannedNode> _nodes;

    /// <summary>A plan of the given entries.</summary>
    /// <exception cref="ArgumentException">Two entries have the same node and problem.</exception>
    public SavedPlan(string modelHash, IsaLevel isa, IEnumerable<PlannedNode> nodes)
    {
        ModelHash = modelHash;
        Isa = isa;
        Nodes = [.. nodes];
        _nodes = new Dictionary<(string, string), PlannedNode>();
        foreach (PlannedNode node in Nodes)
            if (!_nodes.TryAdd((node.Node, node.Problem), node))
                throw new ArgumentException($"node '{node.Node}' with problem '{node.Problem}' is there twice");
    }

    /// <summary>Names the model: operators, edges, types, shapes, but not the weights' values.</summary>
    public string ModelHash { get; }

    /// <summary>The instruction set that the plan was made for.</summary>
    public IsaLevel Isa { get; }

    /// <summary>The entries, in the order the nodes run.</summary>
    public ImmutableArray<PlannedNode> Nodes { get; }

    /// <summary>The hash that ties plans to a model.</summary>
    public static string HashOf(Model model) => Runtime.ModelHash.Of(model);

    /// <summary>Reads a plan file.</summary>
    /// <exception cref="InvalidDataException">The file is no plan; the message has its path.</exception>
    public static SavedPlan Load(string path) => JsonFile.Load(path, Parse);

    /// <summary>Reads a plan.</summary>
    /// <exception cref="InvalidDataException">The text is no plan.</exception>
    public static SavedPlan Parse(string json) => SavedPlanJson.Parse(json);

    /// <summary>Writes the plan to a file.</summary>
    public void Save(string path) => File.WriteAllText(path, ToJson());

    /// <summary>The plan as JSON, one node a line.</summary>
    public string ToJson() => SavedPlanJson.Write(this);

    /// <summary>This plan and the entries of another that are not in it: one file for several sets of shapes.</summary>
    /// <exception cref="SavedPlanException">The plans are of different models or instruction sets.</exception>
    public SavedPlan Merge(SavedPlan other)
    {
        if (other.ModelHash != ModelHash || other.Isa != Isa)
            throw new SavedPlanException($"plans of {ModelHash} for {Isa} and of {other.ModelHash} for {other.Isa} cannot be one");
        return new SavedPlan(ModelHash, Isa, Nodes.Concat(other.Nodes.Where(n => !_nodes.ContainsKey((n.Node, n.Problem)))));
    }

    /// <summary>Checks that the plan is of a model.</summary>
    /// <exception cref="SavedPlanException">It is of another.</exception>
    internal void CheckModel(Model model)
    {
        string hash = HashOf(model);
        if (hash != ModelHash)
            throw new SavedPlanException($"the plan is of model {ModelHash}, this model is {hash}; save a plan for it");
    }

    /// <summary>The candidates of a node that the plan admits: one, or the algorithm's in any layout where the instruction set is another.</summary>
    /// <exception cref="SavedPlanException">The plan does not fit.</exception>
    internal IReadOnlyList<Candidate> Choose(SelectionNode entry, CandidateSet set, Target target)
    {
        string name = entry.Node.Name, key = entry.Problem.Key;
        if (!_nodes.TryGetValue((name, key), out PlannedNode? planned))
            throw new SavedPlanException(Nodes.FirstOrDefault(n => n.Node == name) is { } other
                ? $"the plan has node '{name}' for '{other.Problem}', here it is '{key}'; save a plan for these shapes"
                : $"the plan has no node '{name}' ({entry.Node.QualifiedOp}, '{key}'); save a plan with the same rewrites, dimensions and version");
        if (entry.Op.Algorithms.All(a => a.Name != planned.Algorithm))
            throw new SavedPlanException($"the plan wants {planned.Algorithm} for node '{name}', but {entry.Node.QualifiedOp} has no algorithm of that name; "
                + $"it has {string.Join(", ", entry.Op.Algorithms.Select(a => a.Name))}");
        Candidate[] found = [.. set.Accepted.Where(c => c.Algorithm.Name == planned.Algorithm)];
        if (found.Length == 0)
            throw new SavedPlanException($"the plan wants {planned.Algorithm} for node '{name}' ('{key}'), which refuses: "
                + set.Refused.FirstOrDefault(r => r.Algorithm == planned.Algorithm).Reason);
        if (target.Isa != Isa)
            return found;
        Candidate[] exact = [.. found.Where(c => c.Formats.ToString() == planned.Formats)];
        return exact.Length > 0 ? exact : throw new SavedPlanException(
            $"the plan wants {planned.Algorithm} in {planned.Formats} for node '{name}'; it offers {string.Join(", ", found.Select(c => c.Formats))}");
    }
}
