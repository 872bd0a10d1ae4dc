namespace Ai3.Docs.Tests;

/// <summary>Files of the repository that tests keep true.</summary>
internal static class Repository
{
    /// <summary>Set to 1, tests rewrite the files instead of failing.</summary>
    private const string UpdateVariable = "AI3_UPDATE_DOCS";

    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path)).ReplaceLineEndings("\n");

    /// <summary>Checks that a generated file has the given text.</summary>
    public static void AssertGenerated(string path, string text)
    {
        string file = Path.Combine(Root, path);
        text = text.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
            return;
        }
        string have = File.Exists(file) ? Read(path) : "";
        if (have == text)
            return;
        string[] old = have.Split('\n'), now = text.Split('\n');
        string difference = string.Join("\n", now.Except(old).Take(5).Select(l => "+ " + l).Concat(old.Except(now).Take(5).Select(l => "- " + l)));
        Assert.Fail($"{path} is out of date; {UpdateVariable}=1 dotnet test rewrites it for review:\n{difference}");
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Ai3.Runtime.sln")))
                return folder.FullName;
        throw new InvalidOperationException("the tests run outside the repository");
    }
}
