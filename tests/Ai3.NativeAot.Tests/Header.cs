using System.Text.RegularExpressions;

namespace Ai3.NativeAot.Tests;

/// <summary>ai3.h, read: structs with their members, functions with their parameters, the version and the status numbers.</summary>
internal static partial class Header
{
    private static readonly string s_text = Comments().Replace(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "ai3.h")), " ");

    private static readonly HashSet<string> s_functionTypes = [.. FunctionType().Matches(s_text).Select(m => m.Groups[1].Value)];

    /// <summary>A member or parameter.</summary>
    /// <param name="Name">The name; empty if the header gives none.</param>
    /// <param name="Type">The type without const; every pointer is <c>*</c>.</param>
    public readonly record struct Member(string Name, string Type)
    {
        /// <summary>Bytes of the type, which are its alignment too.</summary>
        public int Size => Type is "*" or "int64_t" or "size_t" or "double" ? 8
            : Type is "uint32_t" or "int32_t" or "int" ? 4
            : throw new InvalidOperationException($"'{Type} {Name}' is not known");
    }

    public static Dictionary<string, Member[]> Structs { get; } = Struct().Matches(s_text).ToDictionary(
        m => m.Groups["name"].Value,
        m => m.Groups["body"].Value.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Parse).ToArray());

    public static Dictionary<string, (Member Result, Member[] Parameters)> Functions { get; } = Function().Matches(s_text).ToDictionary(
        m => m.Groups["name"].Value,
        m => (Parse(m.Groups["type"].Value + " result"), m.Groups["parameters"].Value.Split(',', StringSplitOptions.TrimEntries).Where(p => p != "void").Select(Parse).ToArray()));

    public static Dictionary<string, int> Numbers { get; } = Number().Matches(s_text).ToDictionary(m => m.Groups["name"].Value, m => int.Parse(m.Groups["value"].Value));

    public static int AbiVersion { get; } = int.Parse(Version().Match(s_text).Groups[1].Value);

    private static Member Parse(string declaration)
    {
        string[] words = declaration.Replace("*", " * ").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        string[] types = [.. words.Where(w => w != "const")];
        return new Member(types[^1], types.Contains("*") || s_functionTypes.Contains(types[0]) ? "*" : types[0]);
    }

    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comments();

    [GeneratedRegex(@"typedef struct \{(?<body>[^}]*)\} (?<name>\w+);")]
    private static partial Regex Struct();

    [GeneratedRegex(@"typedef [\w \*]+\(\*(\w+)\)")]
    private static partial Regex FunctionType();

    [GeneratedRegex(@"^(?<type>[\w \*]+?)\s*\b(?<name>ai3_\w+)\((?<parameters>[^)]*)\);", RegexOptions.Multiline)]
    private static partial Regex Function();

    [GeneratedRegex(@"(?<name>AI3_\w+) = (?<value>\d+)")]
    private static partial Regex Number();

    [GeneratedRegex(@"#define AI3_ABI_VERSION (\d+)")]
    private static partial Regex Version();
}
