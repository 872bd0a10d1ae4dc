using System.Text;
using Ai3.Ops;

namespace Ai3.Docs.Tests;

/// <summary>docs/algorithms.md is made from the algorithm tables.</summary>
public sealed class AlgorithmsDocTests
{
    [Fact]
    public void IsGenerated() => Repository.AssertGenerated("docs/algorithms.md", Text());

    private static string Text()
    {
        var text = new StringBuilder("# Operators and algorithms\n\nMade from the tables by `AI3_UPDATE_DOCS=1 dotnet test`; do not edit. Every operator also takes `auto` (or `default`):\nthe runtime's choice.\n");
        // Operators of a family share a table: one section a distinct list of rows.
        var families = OpCatalog.Default.Operators.GroupBy(o => string.Join('\n', o.Algorithms.Select(a => $"{a.Name}|{a.Source}|{a.Needs}|{a.Workspace}|{a.Layouts}")));
        foreach (var family in families.OrderBy(f => f.First().ToString(), StringComparer.Ordinal))
        {
            text.Append($"\n## {string.Join(", ", family.Select(o => o.ToString()).Distinct())}\n\n");
            text.Append("| algorithm | source | needs | layouts | workspace |\n|---|---|---|---|---|\n");
            foreach (Algorithm row in family.First().Algorithms)
                text.Append($"| `{row.Name}` | {row.Source} | {row.Needs} | {row.Layouts} | {row.Workspace} |\n");
        }
        return text.ToString();
    }
}
