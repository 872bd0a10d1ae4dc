using System.Globalization;
using Ai3.Testing;

namespace Ai3.Cli;

/// <summary>Says where two plans diverge.</summary>
internal static class BisectText
{
    public static void Write(Shell shell, NodeDifference? divergence, NodeDifference? last, int count, double tolerance)
    {
        if (divergence is { } node)
            shell.Out.WriteLine(ErrorLine.Clean(string.Create(CultureInfo.InvariantCulture,
                $"the plans diverge at node '{node.Node}' ({node.Op}), {node.First} against {node.Second}: outputs differ by {node.OutputDifference:G3}, inputs by {node.InputDifference:G3} (tolerance {tolerance:G3})")));
        else
            shell.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{count} nodes agree within {tolerance:G3}; the last differs by {last?.OutputDifference ?? 0:G3}"));
    }

    public static void WriteJson(Shell shell, NodeDifference? divergence, int count, double tolerance) => JsonText.Write(shell, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("nodes", count);
        json.WriteReal("tolerance", tolerance);
        if (divergence is { } node)
        {
            json.WriteStartObject("divergence");
            json.WriteString("node", node.Node);
            json.WriteString("op", node.Op);
            json.WriteString("first", node.First);
            json.WriteString("second", node.Second);
            json.WriteReal("inputDifference", node.InputDifference);
            json.WriteReal("outputDifference", node.OutputDifference);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    });
}
