using System.Diagnostics;
using System.Text.Json;
using Ai3.Runtime;

namespace Ai3.Cli;

/// <summary>Writes a profile in the Trace Event Format that chrome://tracing and Perfetto read.</summary>
internal static class ChromeTrace
{
    private const double MicrosecondsPerSecond = 1e6;

    /// <param name="path">The file.</param>
    /// <param name="model">What the viewer calls the process.</param>
    /// <param name="profile">The steps.</param>
    public static void Write(string path, string model, RunProfile profile)
    {
        using FileStream file = File.Create(path);
        using var json = new Utf8JsonWriter(file);
        long first = profile.Entries.Count > 0 ? profile.Entries[0].StartTicks : 0;
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ns");
        json.WriteStartArray("traceEvents");
        WriteName(json, "process_name", model);
        WriteName(json, "thread_name", "steps");
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
            json.WriteString("formats", entry.Step.Formats.ToString());
            json.WriteString("problem", entry.Step.Problem?.Key ?? "");
            json.WriteReal("flops", entry.Step.Problem?.Flops ?? 0);
            json.WriteReal("bytes", entry.Step.Problem?.Traffic ?? 0);
            json.WriteNumber("workspace", entry.Step.WorkspaceBytes);
            json.WriteStrings("nodes", entry.Step.Origins);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteName(Utf8JsonWriter json, string kind, string name)
    {
        json.WriteStartObject();
        json.WriteString("name", kind);
        json.WriteString("ph", "M");
        json.WriteNumber("pid", 1);
        json.WriteNumber("tid", 1);
        json.WriteStartObject("args");
        json.WriteString("name", name);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static double Microseconds(long ticks) => Math.Round(ticks * MicrosecondsPerSecond / Stopwatch.Frequency, 3);
}
