using System.Diagnostics;
using System.Text.Json;
using Ai3.Runtime;

namespace Ai3.Cli;

/// <summary>Writes a profile in the Trace Event Format that chrome://tracing and Perfetto read.</summary>
internal static class ChromeTrace
{
    private const double MicrosecondsPerSecond = 1e6;

    public static void Write(string path, RunProfile profile)
    {
        using FileStream file = File.Create(path);
        using var json = new Utf8JsonWriter(file);
        long first = profile.Entries.Count > 0 ? profile.Entries[0].StartTicks : 0;
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ns");
        json.WriteStartArray("traceEvents");
        foreach (RunProfile.Entry entry in profile.Entries)
        {
            json.WriteStartObject();
            json.WriteString("name", entry.Step.Name);
            json.WriteString("cat", entry.Step.Op);
            json.WriteString("ph", "X");
            json.WriteNumber("ts", Microseconds(entry.StartTicks - first));
            json.WriteNumber("dur", Microseconds(entry.EndTicks - entry.StartTicks));
            json.WriteNumber("pid", 1);
            json.WriteNumber("tid", 1);
            json.WriteStartObject("args");
            json.WriteString("algorithm", entry.Step.Algorithm);
            json.WriteString("problem", entry.Step.Problem?.Key ?? "");
            json.WriteNumber("workspace", entry.Step.WorkspaceBytes);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static double Microseconds(long ticks) => Math.Round(ticks * MicrosecondsPerSecond / Stopwatch.Frequency, 3);
}
