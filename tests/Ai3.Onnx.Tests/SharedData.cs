namespace Ai3.Onnx.Tests;

/// <summary>The test data next to the repository (or at AI3_DATA): models, malformed files, ONNX's backend tests. Tests that need it are skipped where it is absent.</summary>
internal static class SharedData
{
    private static readonly string? Root = Find();

    /// <summary>The path of a part of the data; skips the test if it is not there.</summary>
    public static string Require(string relative)
    {
        string? path = Root is null ? null : Path.Combine(Root, relative);
        Skip.If(path is null || !Path.Exists(path), $"SKIPPED: test data '{relative}' is absent; put it in ../shared/data beside the repository or set AI3_DATA");
        return path!;
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("AI3_DATA") is { Length: > 0 } given)
            return given;
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "shared", "data");
            if (Directory.Exists(candidate))
                return candidate;
        }
        return null;
    }
}
