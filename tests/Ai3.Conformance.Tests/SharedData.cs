namespace Ai3.Conformance.Tests;

/// <summary>The test data that lives outside the repository: <c>AI3_DATA</c>, or <c>shared/data</c> in a folder above.</summary>
internal static class SharedData
{
    private static readonly string? Root = Find();

    /// <summary>The path of a file or folder of the data; skips the test where the data is absent.</summary>
    public static string PathOf(params string[] parts)
    {
        Skip.If(Root is null, "the shared test data is absent: set AI3_DATA, or put it at shared/data beside the repository");
        string path = Path.Combine([Root!, .. parts]);
        Skip.IfNot(Path.Exists(path), $"the shared test data has no {Path.Combine(parts)}");
        return path;
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("AI3_DATA") is { Length: > 0 } given)
            return given;
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Directory.Exists(Path.Combine(folder.FullName, "shared", "data")))
                return Path.Combine(folder.FullName, "shared", "data");
        return null;
    }
}
