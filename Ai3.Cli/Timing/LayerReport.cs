using System.Globalization;
using System.Text.Json;
using Ai3.Ops;

namespace Ai3.Cli;

/// <summary>How often the automatic choice is close to the best that was measured, over the distinct layers of models.</summary>
/// <param name="target">The machine.</param>
/// <param name="layers">The layers.</param>
/// <param name="percent">How much slower than the best is close.</param>
internal sealed class LayerReport(Target target, IReadOnlyList<LayerTiming> layers, double percent)
{
    private const int MostListed = 60;

    /// <summary>The share of layers whose pick is close to the best.</summary>
    public double ShareWithin => Share(layers, l => l.Pick);

    public void Write(Shell shell)
    {
        shell.Out.WriteLine(FormattableString.Invariant($"{layers.Count} distinct layers with a choice, {target.Isa.ToString().ToLowerInvariant()}, {Units.Threads(target.Threads)}; least times; by-name algorithms left out"));
        WriteOperators(shell);
        shell.Out.WriteLine();
        WriteMisses(shell);
        shell.Out.WriteLine(FormattableString.Invariant($"the pick is within {percent} % of the best on {Percent(ShareWithin)} of the layers, the plans' choices on {Percent(Share(layers, l => l.Chosen))}; picks lose {Percent(Lost(layers))} of the time"));
    }

    public void WriteJson(Shell shell) => JsonText.Write(shell, json =>
    {
        json.WriteStartObject();
        json.WriteString("isa", target.Isa.ToString().ToLowerInvariant());
        json.WriteNumber("threads", target.Threads);
        json.WriteReal("percent", percent);
        json.WriteReal("shareWithin", Math.Round(ShareWithin, 4));
        json.WriteStartArray("layers");
        foreach (LayerTiming layer in layers)
        {
            json.WriteStartObject();
            json.WriteString("op", layer.Layer.Op.ToString());
            json.WriteString("problem", layer.Layer.Problem.Key);
            json.WriteString("model", layer.Layer.Model);
            json.WriteNumber("uses", layer.Layer.Uses);
            Write(json, "pick", layer.Pick);
            Write(json, "chosen", layer.Chosen);
            Write(json, "best", layer.Best);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, string name, ProblemTiming timing)
    {
        json.WriteStartObject(name);
        json.WriteString("algorithm", timing.Candidate.Algorithm.Name);
        json.WriteString("formats", timing.Candidate.Formats.ToString());
        json.WriteReal("minNanoseconds", timing.Times.Min);
        json.WriteReal("expectedNanoseconds", timing.Candidate.CostNanoseconds);
        json.WriteEndObject();
    }

    private void WriteOperators(Shell shell)
    {
        var table = new TextTable("operator", ">layers", ">pick within", ">plan within", ">worst", ">time lost");
        foreach (IGrouping<string, LayerTiming> op in layers.GroupBy(l => l.Layer.Op.ToString()).OrderByDescending(g => g.Sum(TimeOf)))
        {
            LayerTiming[] all = [.. op];
            table.Add(op.Key, $"{all.Length}", Percent(Share(all, l => l.Pick)), Percent(Share(all, l => l.Chosen)), Loss(all.Max(l => l.Loss(l.Pick))), Percent(Lost(all)));
        }
        table.WriteTo(shell);
    }

    // The costliest first: by the time that all uses lose.
    private void WriteMisses(Shell shell)
    {
        LayerTiming[] misses = [.. layers.Where(l => l.Loss(l.Pick) > percent).OrderByDescending(LostTime)];
        if (misses.Length == 0)
            return;
        var table = new TextTable("problem", "model", ">uses", "pick", ">time", ">expected", "best", ">time", ">expected", ">slower");
        foreach (LayerTiming l in misses.Take(MostListed))
            table.Add(l.Layer.Problem.Key, l.Layer.Model, $"{l.Layer.Uses}", Name(l.Pick), Units.Time(l.Pick.Times.Min), Units.Time(l.Pick.Candidate.CostNanoseconds),
                Name(l.Best), Units.Time(l.Best.Times.Min), Units.Time(l.Best.Candidate.CostNanoseconds), Loss(l.Loss(l.Pick)));
        table.WriteTo(shell);
        if (misses.Length > MostListed)
            shell.Out.WriteLine($"and {misses.Length - MostListed} more (--json has all)");
        shell.Out.WriteLine();
    }

    private static string Name(ProblemTiming timing) =>
        timing.Candidate.Formats == FormatChoice.Plain ? timing.Candidate.Algorithm.Name : $"{timing.Candidate.Algorithm.Name} {LayoutText.Of(timing.Candidate.Formats)}";

    private double Share(IReadOnlyCollection<LayerTiming> of, Func<LayerTiming, ProblemTiming> which) =>
        of.Count == 0 ? 1 : (double)of.Count(l => l.Loss(which(l)) <= percent) / of.Count;

    private static double Lost(IReadOnlyCollection<LayerTiming> of) => of.Sum(TimeOf) is > 0 and var time ? of.Sum(LostTime) / time : 0;

    private static double TimeOf(LayerTiming l) => l.Layer.Uses * l.Pick.Times.Min;

    private static double LostTime(LayerTiming l) => l.Layer.Uses * (l.Pick.Times.Min - l.Best.Times.Min);

    private static string Percent(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);

    private static string Loss(double percent) => percent.ToString("0", CultureInfo.InvariantCulture) + " %";
}
