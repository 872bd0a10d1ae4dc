using Ai3.Ops;
using Ai3.Runtime;

namespace Ai3.Cli;

/// <summary>A problem that models hold, however often, and what their plans chose for it.</summary>
/// <param name="Op">The operator.</param>
/// <param name="Problem">The problem.</param>
/// <param name="Model">The first model that has it.</param>
/// <param name="Algorithm">What that model's plan chose.</param>
/// <param name="Formats">In which layouts.</param>
internal sealed record Layer(OpDefinition Op, Problem Problem, string Model, string Algorithm, string Formats)
{
    /// <summary>How many nodes of all models have the problem.</summary>
    public int Uses { get; set; } = 1;

    /// <summary>Adds the problems of a plan that leave a choice; those known already are counted.</summary>
    public static void Collect(string model, Session session, OpCatalog catalog, Dictionary<string, Layer> layers)
    {
        Dictionary<string, Node> nodes = session.Graph.Nodes.DistinctBy(n => n.Name).ToDictionary(n => n.Name);
        foreach (NodeReport report in session.Plan!.Report.Nodes)
        {
            string key = $"{report.Op} {report.Problem.Key}";
            if (layers.TryGetValue(key, out Layer? known))
                known.Uses++;
            else if (nodes.TryGetValue(report.Node, out Node? node) && catalog.Find(node.Domain, node.OpType, node.Opset) is { } op
                && LeavesAChoice([.. ProblemBench.Automatic(op.Candidates(report.Problem, session.Target))]))
                layers.Add(key, new Layer(op, report.Problem, model, report.Winner.Algorithm, report.Winner.Formats.ToString()));
        }
    }

    // A view computes nothing.
    private static bool LeavesAChoice(Candidate[] candidates) => candidates.Length > 1 && !candidates.Any(c => c.Algorithm.IsView);
}
