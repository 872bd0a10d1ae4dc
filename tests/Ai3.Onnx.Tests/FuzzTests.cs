using System.Reflection;
using Ai3.Onnx.Fuzz;

namespace Ai3.Onnx.Tests;

public class FuzzTests
{
    private static string CorpusFolder => Path.Combine(Repository.Root, "fuzz", "corpus", "onnx");

    [Fact]
    public void EveryFileOfTheCorpusKeepsTheRules()
    {
        FuzzResult result = Mutator.Replay(CorpusFolder);
        Assert.True(result.Failures.Count == 0, string.Join("\n", result.Failures));
        Assert.True(result.Executions >= 13, $"{result.Executions} files");
    }

    [Fact]
    public void ChangedFilesKeepTheRules()
    {
        FuzzResult result = Mutator.Run(CorpusFolder, TimeSpan.FromSeconds(3), seed: 20_000_000);
        Assert.True(result.Failures.Count == 0, string.Join("\n", result.Failures));
    }

    [Fact]
    public void TheCorpusIsWhatItsGeneratorWrites()
    {
        string folder = Directory.CreateTempSubdirectory("ai3-corpus-").FullName;
        Corpus.Write(folder);
        foreach (string file in Directory.GetFiles(folder))
            Assert.True(File.ReadAllBytes(file).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(CorpusFolder, Path.GetFileName(file)))), Path.GetFileName(file));
        Directory.Delete(folder, recursive: true);
    }
}

internal static class Repository
{
    public static string Root => Metadata("RepositoryRoot");

    public static string Metadata(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value ?? "";
}
