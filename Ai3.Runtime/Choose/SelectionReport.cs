using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Ai3.Ops;

namespace Ai3.Runtime;

/// <summary>An algorithm, with layouts, that could compute a node.</summary>
/// <param name="Algorithm">Its name.</param>
/// <param name="Formats">The layouts.</param>
/// <param name="CostNanoseconds">What one run is taken to need, layout changes left out.</param>
/// <param name="WorkspaceBytes">Bytes of workspace.</param>
/// <param name="PackedBytes">Bytes of packed constants.</param>
/// <param name="IsAdmitted">Whether the selection admits it.</param>
/// <param name="IsWinner">Whether it was chosen.</param>
public sealed record CandidateReport(
    string Algorithm, FormatChoice Formats, double CostNanoseconds, long WorkspaceBytes, long PackedBytes, bool IsAdmitted, bool IsWinner);

/// <summary>What was decided for one node, and from what.</summary>
public sealed record NodeReport
{
    /// <summary>The node's name.</summary>
    public required string Node { get; init; }

    /// <summary>The operator.</summary>
    public required string Op { get; init; }

    /// <summary>The resolved problem.</summary>
    public required Problem Problem { get; init; }

    /// <summary>The nodes of the model that it stands for, where rewrites merged some.</summary>
    public required ImmutableArray<string> Origins { get; init; }

    /// <summary>The names that were asked for, in order.</summary>
    public required ImmutableArray<string> Asked { get; init; }

    /// <summary>What asked: an operator, <c>node:PATTERN</c>, <c>saved plan</c>; empty for the default.</summary>
    public required string AskedBy { get; init; }

    /// <summary>The algorithms that apply, in table order; several entries where one takes several layouts.</summary>
    public required ImmutableArray<CandidateReport> Candidates { get; init; }

    /// <summary>The others, each with its reason.</summary>
    public required ImmutableArray<Refusal> Refusals { get; init; }

    /// <summary>Why the winner won.</summary>
    public required string Why { get; init; }

    /// <summary>The choice.</summary>
    public CandidateReport Winner => Candidates.First(c => c.IsWinner);
}

/// <summary>For each node of a plan the candidates, the refusals with their reasons, the winner and why.</summary>
/// <param name="Nodes">The nodes in the order they run; those that only the run resolves are not among them.</param>
public sealed record SelectionReport(ImmutableArray<NodeReport> Nodes)
{
    /// <summary>What was decided for a node, or null if it has no entry.</summary>
    public NodeReport? Find(string node) => Nodes.FirstOrDefault(n => n.Node == node || n.Origins.Contains(node));

    /// <summary>The report as text, a paragraph for each node.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (NodeReport node in Nodes)
            Append(text, node);
        return text.ToString();
    }

    internal static NodeReport Of(NodeSelection selection) => new()
    {
        Node = selection.Node.Name,
        Op = selection.Node.QualifiedOp,
        Problem = selection.Problem,
        Origins = selection.Node.Origins,
        Asked = selection.Names,
        AskedBy = selection.Source,
        Candidates = [.. selection.Set.Accepted.Select(c => new CandidateReport(c.Algorithm.Name, c.Formats, c.CostNanoseconds, c.WorkspaceBytes, c.PackedBytes,
            selection.Admitted.Contains(c), ReferenceEquals(c, selection.Winner)))],
        Refusals = selection.Set.Refused,
        Why = selection.Why,
    };

    internal static void Append(StringBuilder text, NodeReport node)
    {
        CandidateReport winner = node.Winner;
        text.AppendLine(CultureInfo.InvariantCulture, $"{node.Node}: {node.Op} by {winner.Algorithm} {winner.Formats}");
        text.AppendLine(CultureInfo.InvariantCulture, $"    problem   {node.Problem.Key}");
        if (node.Origins.Length > 1)
            text.AppendLine(CultureInfo.InvariantCulture, $"    stands for {string.Join(", ", node.Origins)}");
        foreach (CandidateReport candidate in node.Candidates)
            text.AppendLine(CultureInfo.InvariantCulture, $"    candidate {candidate.Algorithm} {candidate.Formats}: {candidate.CostNanoseconds / 1000:F1} us, "
                + $"workspace {candidate.WorkspaceBytes}, packed {candidate.PackedBytes}{(candidate.IsWinner ? $"  <- {node.Why}" : "")}");
        foreach (Refusal refusal in node.Refusals)
            text.AppendLine(CultureInfo.InvariantCulture, $"    refused   {refusal.Algorithm}: {refusal.Reason}");
    }
}
