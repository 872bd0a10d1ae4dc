using System.Globalization;
using System.Text.Json;
using Ai3.Cli;
using Ai3.Ops;

namespace Ai3.Bench;

/// <summary>One algorithm on one layer.</summary>
/// <param name="Candidate">The algorithm with its layouts.</param>
/// <param name="Times">Its times.</param>
/// <param name="Error">Its largest error relative to the largest element of the output.</param>
internal sealed record PaperLayerRow(Candidate Candidate, Samples Times, double Error);

/// <summary>One layer by every algorithm.</summary>
/// <param name="Channels">Input and output channels.</param>
/// <param name="Size">Height and width of the input.</param>
/// <param name="Threads">Threads of both runtimes.</param>
/// <param name="Flops">Operations of the definition.</param>
/// <param name="Peak">Measured peak of the machine in GFLOP/s.</param>
/// <param name="Rows">The algorithms, the fastest median first.</param>
/// <param name="Ort">ONNX Runtime's times.</param>
internal sealed record PaperLayer(long Channels, long Size, int Threads, double Flops, double Peak, IReadOnlyList<PaperLayerRow> Rows, Samples Ort)
{
    public void Write(Shell shell)
    {
        shell.Out.WriteLine($"{Channels}x{Size}x{Size}, batch 10, 3x3, {Units.Threads(Threads)}; FMA peak {Units.Three(Peak)} GFLOP/s; operations are those of the definition");
        var table = new TextTable("algorithm", "layouts", ">min", ">median", ">GFLOP/s", ">of peak", ">workspace", ">packed", ">error");
        foreach (PaperLayerRow r in Rows)
            table.Add(
                r.Candidate.Algorithm.Name, r.Candidate.Formats.ToString(), Units.Time(r.Times.Min), Units.Time(r.Times.Median), Units.Three(Rate(r.Times)),
                Units.Percent(Rate(r.Times) / Peak), Units.Bytes(r.Candidate.WorkspaceBytes), Units.Bytes(r.Candidate.PackedBytes), r.Error.ToString("0.0e-0", CultureInfo.InvariantCulture));
        table.Add("ONNX Runtime", "", Units.Time(Ort.Min), Units.Time(Ort.Median), Units.Three(Rate(Ort)), Units.Percent(Rate(Ort) / Peak), "", "", "");
        table.WriteTo(shell);
        shell.Out.WriteLine();
    }

    public static void WriteJson(Utf8JsonWriter json, int rounds, IEnumerable<PaperLayer> layers)
    {
        json.WriteNumber("rounds", rounds);
        json.WriteStartArray("layers");
        foreach (PaperLayer layer in layers)
            layer.WriteJson(json);
        json.WriteEndArray();
    }

    private double Rate(Samples times) => Flops / times.Min;

    private void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("channels", Channels);
        json.WriteNumber("size", Size);
        json.WriteNumber("batch", 10);
        json.WriteNumber("threads", Threads);
        json.WriteReal("peakGflops", Math.Round(Peak, 1));
        WriteTimes(json, "ort", Ort);
        json.WriteStartArray("algorithms");
        foreach (PaperLayerRow r in Rows)
        {
            json.WriteStartObject();
            json.WriteString("algorithm", r.Candidate.Algorithm.Name);
            json.WriteString("layouts", r.Candidate.Formats.ToString());
            WriteTimes(json, "ours", r.Times);
            json.WriteReal("gflops", Math.Round(Rate(r.Times), 1));
            json.WriteNumber("workspaceBytes", r.Candidate.WorkspaceBytes);
            json.WriteNumber("packedBytes", r.Candidate.PackedBytes);
            json.WriteReal("error", r.Error);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTimes(Utf8JsonWriter json, string whose, Samples times)
    {
        json.WriteReal(whose + "MinMilliseconds", Math.Round(times.Min / 1e6, 4));
        json.WriteReal(whose + "MedianMilliseconds", Math.Round(times.Median / 1e6, 4));
    }
}
