using System.Runtime.CompilerServices;

namespace Ai3.Conformance.Tests;

/// <summary>The committed list of conformance cases that pass: a line <c>ARCHIVE/CASE</c> for each, sorted. It may only grow.</summary>
internal static class PassingCases
{
    private const string FileName = "passing.txt";

    /// <summary>Set to 1, the tests run every case, print what fails, and write the list anew.</summary>
    public const string UpdateVariable = "AI3_UPDATE_PASSING";

    public static bool IsUpdating => Environment.GetEnvironmentVariable(UpdateVariable) == "1";

    /// <summary>The listed cases of an archive.</summary>
    public static HashSet<string> Of(string archive) =>
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, FileName)).Where(l => l.StartsWith(archive + "/", StringComparison.Ordinal)).Select(l => l[(archive.Length + 1)..])];

    /// <summary>Replaces the lines of an archive in the source tree.</summary>
    public static void Update(string archive, IEnumerable<string> cases)
    {
        string path = Path.Combine(SourceFolder(), FileName);
        IEnumerable<string> others = File.ReadAllLines(path).Where(l => !l.StartsWith(archive + "/", StringComparison.Ordinal));
        File.WriteAllText(path, string.Concat(others.Concat(cases.Select(c => $"{archive}/{c}")).Where(l => l.Length > 0).Order(StringComparer.Ordinal).Select(l => l + "\n")));
    }

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
