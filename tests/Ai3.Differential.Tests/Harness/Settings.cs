using System.Globalization;

namespace Ai3.Differential.Tests;

/// <summary>What the environment says: how much to try, and what to try again.</summary>
internal static class Settings
{
    /// <summary>AI3_DIFF_SEED: the seed all uses are made from; another one each day by default would hide which commit broke what.</summary>
    public static ulong Seed { get; } = ulong.Parse(Environment.GetEnvironmentVariable("AI3_DIFF_SEED") ?? "1", CultureInfo.InvariantCulture);

    /// <summary>AI3_DIFF_COUNT: uses of each operator, and graphs in tens.</summary>
    public static int Count { get; } = int.Parse(Environment.GetEnvironmentVariable("AI3_DIFF_COUNT") ?? "25", CultureInfo.InvariantCulture);

    /// <summary>AI3_DIFF_TRACE: a file that holds the use under test, for when the process dies.</summary>
    public static string? TraceFile { get; } = Environment.GetEnvironmentVariable("AI3_DIFF_TRACE");

    public static void Trace(object what)
    {
        if (TraceFile is not null)
            File.WriteAllText(TraceFile, what.ToString());
    }
}
