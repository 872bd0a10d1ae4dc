using System.Text.Json;

namespace Ai3.Cli;

/// <summary>Times of all steps of one operator.</summary>
/// <param name="Op">The operator.</param>
/// <param name="Steps">How many steps.</param>
/// <param name="Nanoseconds">The sum of their median times.</param>
/// <param name="Flops">The sum of their operations.</param>
/// <param name="Bytes">The sum of their traffic.</param>
internal sealed record OperatorTiming(string Op, int Steps, double Nanoseconds, double Flops, double Bytes);

/// <summary>Where the time of a run goes: steps and sums by operator, the slowest first.</summary>
internal sealed class StepReport
{
    private readonly double _total;

    public StepReport(IEnumerable<StepTiming> steps)
    {
        Steps = [.. steps.OrderByDescending(s => s.Nanoseconds)];
        Operators = [.. Steps.GroupBy(s => s.Step.Op)
            .Select(g => new OperatorTiming(g.Key, g.Count(), g.Sum(s => s.Nanoseconds), g.Sum(s => s.Flops), g.Sum(s => s.Bytes)))
            .OrderByDescending(o => o.Nanoseconds)];
        _total = Steps.Sum(s => s.Nanoseconds);
    }

    /// <summary>The steps, the slowest first.</summary>
    public IReadOnlyList<StepTiming> Steps { get; }

    /// <summary>Sums by operator, the slowest first.</summary>
    public IReadOnlyList<OperatorTiming> Operators { get; }

    public void Write(Shell shell)
    {
        var steps = new TextTable("step", "operator", "algorithm", "formats", ">time", ">share", ">GFLOP/s", ">bytes", ">GB/s", ">workspace");
        foreach (StepTiming t in Steps)
            steps.Add(
                ErrorLine.Clean(t.Step.Name), t.Step.Op, t.Step.Algorithm, LayoutText.Of(t.Step.Formats), Units.Time(t.Nanoseconds), Share(t.Nanoseconds),
                Rate(t.Flops, t.Nanoseconds), Bytes(t.Bytes), Rate(t.Bytes, t.Nanoseconds), Units.Bytes(t.Step.WorkspaceBytes));
        steps.WriteTo(shell);
        shell.Out.WriteLine();
        var operators = new TextTable("operator", ">steps", ">time", ">share", ">GFLOP/s", ">bytes", ">GB/s");
        foreach (OperatorTiming o in Operators)
            operators.Add(o.Op, $"{o.Steps}", Units.Time(o.Nanoseconds), Share(o.Nanoseconds), Rate(o.Flops, o.Nanoseconds), Bytes(o.Bytes), Rate(o.Bytes, o.Nanoseconds));
        operators.Add("all", $"{Steps.Count}", Units.Time(_total), Share(_total), Rate(Steps.Sum(s => s.Flops), _total), Bytes(Steps.Sum(s => s.Bytes)), Rate(Steps.Sum(s => s.Bytes), _total));
        operators.WriteTo(shell);
        shell.Out.WriteLine("operations are those of the definition, bytes those of all operands, each once; neither is known of steps that are decided while running");
        shell.Out.WriteLine();
    }

    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartArray("steps");
        foreach (StepTiming t in Steps)
        {
            json.WriteStartObject();
            json.WriteString("name", t.Step.Name);
            json.WriteString("op", t.Step.Op);
            json.WriteString("algorithm", t.Step.Algorithm);
            json.WriteString("formats", t.Step.Formats.ToString());
            json.WriteString("problem", t.Step.Problem?.Key ?? "");
            json.WriteReal("nanoseconds", t.Nanoseconds);
            json.WriteReal("flops", t.Flops);
            json.WriteReal("bytes", t.Bytes);
            json.WriteNumber("workspace", t.Step.WorkspaceBytes);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("operators");
        foreach (OperatorTiming o in Operators)
        {
            json.WriteStartObject();
            json.WriteString("op", o.Op);
            json.WriteNumber("steps", o.Steps);
            json.WriteReal("nanoseconds", o.Nanoseconds);
            json.WriteReal("flops", o.Flops);
            json.WriteReal("bytes", o.Bytes);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private string Share(double nanoseconds) => _total > 0 ? Units.Percent(nanoseconds / _total) : "-";

    // Operations and bytes per nanosecond are 1e9 of them a second.
    private static string Rate(double amount, double nanoseconds) => amount > 0 && nanoseconds > 0 ? Units.Three(amount / nanoseconds) : "-";

    private static string Bytes(double bytes) => bytes > 0 ? Units.Bytes(bytes) : "-";
}
