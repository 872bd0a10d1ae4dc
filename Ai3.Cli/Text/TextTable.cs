using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ai3.Cli;

/// <summary>Rows under headings: framed on a terminal, aligned plain text otherwise.</summary>
/// <param name="headings">The headings; one that begins with <c>&gt;</c> is of a column aligned right.</param>
internal sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add(cells);

    public void WriteTo(Shell shell)
    {
        if (shell.IsTerminal)
            WriteFramed(shell);
        else
            WritePlain(shell.Out);
    }

    private void WriteFramed(Shell shell)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(shell.Out) });
        Table table = new Table().Border(TableBorder.Rounded);
        foreach (string heading in headings)
            table.AddColumn(IsRight(heading) ? new TableColumn(Title(heading)).RightAligned() : new TableColumn(Title(heading)));
        foreach (string[] row in _rows)
            table.AddRow(row.Select(c => (IRenderable)new Text(c)));
        console.Write(table);
    }

    private void WritePlain(TextWriter output)
    {
        var widths = new int[headings.Length];
        for (int i = 0; i < widths.Length; i++)
            widths[i] = Math.Max(Title(headings[i]).Length, _rows.Count == 0 ? 0 : _rows.Max(r => r[i].Length));
        output.WriteLine(Line([.. headings.Select(Title)], widths));
        foreach (string[] row in _rows)
            output.WriteLine(Line(row, widths));
    }

    private string Line(string[] cells, int[] widths) =>
        string.Join("  ", cells.Select((c, i) => IsRight(headings[i]) ? c.PadLeft(widths[i]) : c.PadRight(widths[i]))).TrimEnd();

    private static bool IsRight(string heading) => heading.StartsWith('>');

    private static string Title(string heading) => heading.TrimStart('>');
}
