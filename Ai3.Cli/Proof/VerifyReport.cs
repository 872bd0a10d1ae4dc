using System.Globalization;
using System.Text.Json;
using Ai3.Testing;

namespace Ai3.Cli;

/// <summary>What became of a model's nodes: a table by node and algorithm, and sums by algorithm.</summary>
internal sealed class VerifyReport(IReadOnlyList<VerifiedNode> nodes)
{
    /// <summary>How many runs exceeded a bound or broke a rule.</summary>
    public int Failed => nodes.Sum(n => n.Algorithms.Count(a => a.Failure.Length > 0));

    private int Runs => nodes.Sum(n => n.Algorithms.Length);

    public void Write(Shell shell)
    {
        var table = new TextTable("node", "operator", "algorithm", "formats", ">worst ULP", ">RMS ULP", ">of bound", "");
        foreach (VerifiedNode node in nodes)
            foreach (VerifiedAlgorithm a in node.Algorithms)
                table.Add(ErrorLine.Clean(node.Node), node.Op, a.Algorithm, a.Formats, Number(a.WorstUlp), Number(a.RmsUlp), Share(a), a.Failure.Length > 0 ? "EXCEEDED" : a.IsChosen ? "chosen" : "");
        table.WriteTo(shell);
        shell.Out.WriteLine();
        WriteSums(shell);
        foreach (IGrouping<string, VerifiedNode> reason in nodes.Where(n => n.Skipped.Length > 0).GroupBy(n => $"{n.Op}: {n.Skipped}"))
            shell.Out.WriteLine($"not verified  {ErrorLine.Clean($"{reason.Count()} x {reason.Key}")}");
        foreach (VerifiedNode node in nodes)
            foreach (VerifiedAlgorithm a in node.Algorithms.Where(a => a.Failure.Length > 0))
                shell.Out.WriteLine($"EXCEEDED  {ErrorLine.Clean($"{node.Node} ({node.Op}) {a.Algorithm} {a.Formats}: {a.Failure} | problem '{node.Problem}'")}");
        shell.Out.WriteLine($"{nodes.Count(n => n.Algorithms.Length > 0)} nodes, {Runs} runs, {Failed} exceed a bound");
    }

    public void WriteJson(Shell shell) => JsonText.Write(shell, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("runs", Runs);
        json.WriteNumber("failed", Failed);
        json.WriteStartArray("nodes");
        foreach (VerifiedNode node in nodes)
        {
            json.WriteStartObject();
            json.WriteString("name", node.Node);
            json.WriteString("op", node.Op);
            json.WriteString("problem", node.Problem);
            json.WriteString("skipped", node.Skipped);
            json.WriteStartArray("algorithms");
            foreach (VerifiedAlgorithm algorithm in node.Algorithms)
                Write(json, algorithm);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private void WriteSums(Shell shell)
    {
        var table = new TextTable("operator", "algorithm", ">nodes", ">worst ULP", ">most of bound", "at node");
        var runs = nodes.SelectMany(n => n.Algorithms.Select(a => (Node: n, Algorithm: a)));
        foreach (var group in runs.GroupBy(r => (r.Node.Op, r.Algorithm.Algorithm)))
        {
            (VerifiedNode Node, VerifiedAlgorithm Algorithm) most = group.MaxBy(r => r.Algorithm.BoundShare);
            table.Add(group.Key.Op, group.Key.Algorithm, $"{group.Select(r => r.Node).Distinct().Count()}", Number(group.Max(r => r.Algorithm.WorstUlp)), Share(most.Algorithm), ErrorLine.Clean(most.Node.Node));
        }
        table.WriteTo(shell);
    }

    private static void Write(Utf8JsonWriter json, VerifiedAlgorithm algorithm)
    {
        json.WriteStartObject();
        json.WriteString("algorithm", algorithm.Algorithm);
        json.WriteString("formats", algorithm.Formats);
        json.WriteBoolean("chosen", algorithm.IsChosen);
        json.WriteReal("worstUlp", algorithm.WorstUlp);
        json.WriteReal("rmsUlp", algorithm.RmsUlp);
        json.WriteReal("boundShare", algorithm.BoundShare);
        json.WriteString("failure", algorithm.Failure);
        json.WriteEndObject();
    }

    private static string Number(double value) => value.ToString(value is 0 or >= 1e6 ? "G3" : value < 10 ? "0.00" : "0", CultureInfo.InvariantCulture);

    private static string Share(VerifiedAlgorithm algorithm) => algorithm.BoundShare == 0 ? "exact" : (100 * algorithm.BoundShare).ToString(algorithm.BoundShare < 0.1 ? "0.00" : "0.#", CultureInfo.InvariantCulture) + " %";
}
