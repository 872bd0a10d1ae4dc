using System.CommandLine;
using Ai3.Ops;
using Ai3.Runtime;

namespace Ai3.Cli;

/// <summary><c>ai3 algorithms</c>: every operator with every way to compute it.</summary>
internal static class AlgorithmsCommand
{
    private sealed record Row(string Op, string Name, string Kind, string Formats, string Needs, string Workspace, string Source);

    public static Command Create(Shell shell)
    {
        var op = new Argument<string?>("OP") { Description = "One operator, such as Conv; all if left out.", Arity = ArgumentArity.ZeroOrOne };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("algorithms", "Lists operators and their algorithms.") { op, json };
        PluginFlag plugins = new PluginFlag().AddTo(command);
        command.SetAction(parse => Run(shell, plugins.Read(parse), parse.GetValue(op), parse.GetValue(json)));
        return command;
    }

    private static int Run(Shell shell, OpCatalog catalog, string? op, bool json)
    {
        OpDefinition[] definitions = [.. op is null ? catalog.Operators : catalog.Named(op)];
        if (definitions.Length == 0)
            throw new UsageException($"no operator is named '{op}'{Suggestion.For(op!, catalog.Operators.Select(o => o.ToString()).Distinct())}");
        Row[] rows = [.. Rows(definitions)];
        if (json)
            WriteJson(shell, rows);
        else
            WriteTable(shell, rows);
        return ExitCode.Good;
    }

    // Versions of one operator mostly share their rows: each row is listed once.
    private static IEnumerable<Row> Rows(IEnumerable<OpDefinition> definitions)
    {
        foreach (IGrouping<string, OpDefinition> op in definitions.GroupBy(d => d.ToString()))
        {
            Algorithm[] algorithms = [.. op.SelectMany(d => d.Algorithms).DistinctBy(a => a.Name)];
            foreach (Algorithm a in algorithms)
                yield return new Row(op.Key, a.Name, "algorithm", a.Layouts, a.Needs, a.Workspace, a.Source);
            if (algorithms.Length > 0)
                yield return new Row(op.Key, Selector.Auto, "policy", "any", "", "", "the cheapest row that applies, reorders counted");
        }
    }

    private static void WriteTable(Shell shell, Row[] rows)
    {
        var table = new TextTable("operator", "algorithm", "kind", "formats", "needs", "workspace", "source");
        foreach (Row r in rows)
            table.Add(r.Op, r.Name, r.Kind, r.Formats, r.Needs, r.Workspace, r.Source);
        table.WriteTo(shell);
    }

    private static void WriteJson(Shell shell, Row[] rows) => JsonText.Write(shell, json =>
    {
        json.WriteStartArray();
        foreach (Row r in rows)
        {
            json.WriteStartObject();
            json.WriteString("op", r.Op);
            json.WriteString("name", r.Name);
            json.WriteString("kind", r.Kind);
            json.WriteString("formats", r.Formats);
            json.WriteString("needs", r.Needs);
            json.WriteString("workspace", r.Workspace);
            json.WriteString("source", r.Source);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });
}
