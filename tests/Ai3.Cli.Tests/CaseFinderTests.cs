using System.IO.Compression;

namespace Ai3.Cli.Tests;

public class CaseFinderTests
{
    [Fact]
    public void FindsCasesInAFolderATreeAndAnArchive()
    {
        using var folder = new TempFolder();
        folder.DigitReader(Path.Combine("tree", "a", "model.onnx"));
        folder.DigitReader(Path.Combine("tree", "deep", "b", "model.onnx"));
        folder.DigitReader(Path.Combine("tree", "no-data", "model.onnx"));
        Directory.CreateDirectory(folder["tree", "a", "test_data_set_0"]);
        Directory.CreateDirectory(folder["tree", "deep", "b", "test_data_set_0"]);
        Archive(folder["tree", "c.zip"], ("inside/c/model.onnx", [1]), ("inside/c/test_data_set_0/input_0.pb", [2]));

        Assert.Equal(["a"], CaseFinder.Find(folder["tree", "a"]).Select(c => c.Name));
        List<TestCase> all = CaseFinder.Find(folder["tree"]);
        Assert.Equal(["a", "b", "c"], all.Where(c => c.HasData).Select(c => c.Name).Order());
        Assert.Equal(["no-data"], all.Where(c => !c.HasData).Select(c => c.Name));
        Assert.Equal(["c"], CaseFinder.Find(folder["tree", "c.zip"]).Select(c => c.Name));
    }

    [Fact]
    public void APathWithoutACaseIsUsage()
    {
        using var folder = new TempFolder();
        folder.DigitReader(Path.Combine("only-a-model", "model.onnx"));
        Archive(folder["empty.zip"], ("readme.txt", [1]));
        File.WriteAllText(folder["text.txt"], "no archive");
        foreach (string path in new[] { folder.FullPath, folder["only-a-model"], folder["empty.zip"], folder["text.txt"] })
            CliRun.Of("test", path).FailsWith(ExitCode.Usage);
    }

    [Fact]
    public void AnArchiveUnpacksNothingOutsideItsFolder()
    {
        using var folder = new TempFolder();
        string archive = folder["slip.zip"];
        Archive(archive, ("case/model.onnx", [1]), ("case/test_data_set_0/input_0.pb", [2]), ("case/../../../../../tmp/ai3-slipped", [3]));
        CliRun run = CliRun.Of("test", archive);
        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains("outside the case's folder", run.Out, StringComparison.Ordinal);
        Assert.Equal("0 passed, 1 failed, 0 skipped", run.LastLine);
        Assert.False(File.Exists("/tmp/ai3-slipped"));
    }

    [Fact]
    public void ACaseFolderOfAnArchiveIsDeletedAfterwards()
    {
        using var folder = new TempFolder();
        Archive(folder["c.zip"], ("c/model.onnx", [1]), ("c/test_data_set_0/input_0.pb", [2]));
        string path;
        using (CaseFolder unpacked = CaseFolder.Open(CaseFinder.Find(folder["c.zip"])[0]))
        {
            path = unpacked.FullPath;
            Assert.Equal([1], File.ReadAllBytes(Path.Combine(path, "model.onnx")));
        }
        Assert.False(Directory.Exists(path));
    }

    private static void Archive(string path, params (string Name, byte[] Bytes)[] entries)
    {
        using ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach ((string name, byte[] bytes) in entries)
        {
            using Stream stream = archive.CreateEntry(name).Open();
            stream.Write(bytes);
        }
    }
}
