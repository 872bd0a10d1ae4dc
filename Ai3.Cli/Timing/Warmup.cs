using System.Diagnostics;

namespace Ai3.Cli;

/// <summary>Repeats an action until caches are warm and compiled code has settled.</summary>
internal static class Warmup
{
    // A method is compiled again after 30 calls and a pause of 100 ms without new methods.
    private const int Calls = 40;
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(4);

    /// <summary>Runs the action; gives the time of the last run in nanoseconds.</summary>
    public static double Run(Action action)
    {
        long start = Stopwatch.GetTimestamp(), last = start;
        double time = 0;
        for (int i = 0; ; i++)
        {
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            if (i >= 3 && elapsed > Most || i >= Calls && elapsed > Least)
                return time;
            last = Stopwatch.GetTimestamp();
            action();
            time = Stopwatch.GetElapsedTime(last).TotalNanoseconds;
        }
    }

    /// <summary>Runs that fill about three seconds: 10 to 1000.</summary>
    public static int RunsFor(double nanoseconds) => (int)Math.Clamp(3e9 / Math.Max(nanoseconds, 1), 10, 1000);
}
