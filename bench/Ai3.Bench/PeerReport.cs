using System.Globalization;
using System.Text.Json;
using Ai3.Cli;

namespace Ai3.Bench;

/// <summary>Prints what <see cref="PeerBench"/> found: losers as plainly as winners.</summary>
internal static class PeerReport
{
    public static void Write(Shell shell, int threads, int rounds, IReadOnlyList<PeerResult> results)
    {
        shell.Out.WriteLine($"{Units.Threads(threads)}, {rounds} interleaved rounds, {Ops.Isa.Default.ToString().ToLowerInvariant()}; a ratio is our time by ONNX Runtime's");
        var table = new TextTable("model", ">ours min", ">ours median", ">ort min", ">ort median", ">min ratio", ">median ratio", ">difference", "");
        foreach (PeerResult r in results)
            if (r.Failure is null)
                table.Add(
                    r.Model, Units.Time(r.Ours.Min), Units.Time(r.Ours.Median), Units.Time(r.Theirs.Min), Units.Time(r.Theirs.Median), Ratio(r.MinRatio), Ratio(r.MedianRatio),
                    r.Difference.ToString("0.0e0", CultureInfo.InvariantCulture), r.MinRatio > 1 ? "slower" : "faster");
            else
                table.Add(r.Model, "-", "-", "-", "-", "-", "-", "-", $"failed: {r.Failure}");
        table.WriteTo(shell);
        PeerResult[] good = [.. results.Where(r => r.Failure is null)];
        if (good.Length == 0)
            return;
        shell.Out.WriteLine($"slower ({good.Count(r => r.MinRatio > 1)} of {good.Length}): {List(good.Where(r => r.MinRatio > 1).OrderByDescending(r => r.MinRatio))}");
        shell.Out.WriteLine($"faster ({good.Count(r => r.MinRatio <= 1)} of {good.Length}): {List(good.Where(r => r.MinRatio <= 1).OrderBy(r => r.MinRatio))}");
        shell.Out.WriteLine($"geometric mean of the min ratios {Ratio(Mean(good.Select(r => r.MinRatio)))}, of the median ratios {Ratio(Mean(good.Select(r => r.MedianRatio)))}");
        shell.Out.WriteLine();
    }

    public static void WriteJson(Utf8JsonWriter json, int rounds, IEnumerable<PeerResult> results)
    {
        json.WriteNumber("rounds", rounds);
        json.WriteStartArray("models");
        foreach (PeerResult r in results)
        {
            json.WriteStartObject();
            json.WriteString("model", r.Model);
            json.WriteNumber("threads", r.Threads);
            if (r.Failure is not null)
            {
                json.WriteString("failure", r.Failure);
            }
            else
            {
                json.WriteReal("oursMinNanoseconds", r.Ours.Min);
                json.WriteReal("oursMedianNanoseconds", r.Ours.Median);
                json.WriteReal("ortMinNanoseconds", r.Theirs.Min);
                json.WriteReal("ortMedianNanoseconds", r.Theirs.Median);
                json.WriteReal("minRatio", Math.Round(r.MinRatio, 4));
                json.WriteReal("medianRatio", Math.Round(r.MedianRatio, 4));
                json.WriteReal("difference", r.Difference);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static string List(IEnumerable<PeerResult> results)
    {
        string list = string.Join(", ", results.Select(r => $"{r.Model} {Ratio(r.MinRatio)}"));
        return list.Length > 0 ? list : "none";
    }

    private static double Mean(IEnumerable<double> ratios) => Math.Exp(ratios.Average(Math.Log));

    private static string Ratio(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);
}
