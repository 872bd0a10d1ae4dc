using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Ai3.Runtime;

/// <summary>What the runtime tells a listener: spans named <c>load</c>, <c>compile</c> and <c>run</c>, and the time of runs. Free when nobody listens.</summary>
internal static class Telemetry
{
    /// <summary>The name of the activity source and of the meter.</summary>
    public const string Name = "Ai3.Runtime";

    private static readonly Meter s_meter = new(Name);
    private static readonly Histogram<double> s_runTime = s_meter.CreateHistogram<double>("ai3.run.duration", "s", "Time of one run.");

    public static ActivitySource Source { get; } = new(Name);

    /// <summary>When a run begins; 0 if nobody listens.</summary>
    public static long StartRun() => s_runTime.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <summary>Notes the time of a run.</summary>
    public static void EndRun(long start)
    {
        if (start != 0)
            s_runTime.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}
