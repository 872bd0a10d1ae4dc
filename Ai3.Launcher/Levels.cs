namespace Ai3.Launcher;

/// <summary>The levels that builds are published for, best first, as the x86-64 psABI names them.</summary>
internal static class Levels
{
    private static readonly (string Level, string[] Flags)[] s_levels =
    [
        ("x86-64-v4", ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]),
        ("x86-64-v3", ["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe"]),
        ("x86-64-v2", []),
    ];

    /// <summary>The levels to try: those that processor and system support and AI3_ISA allows.</summary>
    public static IEnumerable<string> ForThisMachine()
    {
        HashSet<string> flags = [.. CpuFlags()];
        string highest = Environment.GetEnvironmentVariable("AI3_ISA")?.ToLowerInvariant() switch
        {
            "scalar" or "v128" => "x86-64-v2",
            "avx2" => "x86-64-v3",
            _ => "x86-64-v4",
        };
        return s_levels.Where(l => string.CompareOrdinal(l.Level, highest) <= 0 && l.Flags.All(flags.Contains)).Select(l => l.Level);
    }

    // The kernel lists a feature only if it saves the registers that the feature needs.
    private static string[] CpuFlags()
    {
        const string file = "/proc/cpuinfo";
        if (!File.Exists(file))
            return [];
        string? line = File.ReadLines(file).FirstOrDefault(l => l.StartsWith("flags", StringComparison.Ordinal));
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
    }
}
