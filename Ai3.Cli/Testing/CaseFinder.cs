using System.IO.Compression;

namespace Ai3.Cli;

/// <summary>Finds test cases in folders, trees of folders and .zip files.</summary>
internal static class CaseFinder
{
    private const string ModelFile = "model.onnx";
    private const string DataSetPrefix = "test_data_set_";

    /// <summary>The cases under a path, sorted by name.</summary>
    /// <exception cref="UsageException">The path does not exist or holds no case.</exception>
    public static List<TestCase> Find(string path)
    {
        List<TestCase> cases = File.Exists(path) ? FindInFile(path)
            : Directory.Exists(path) ? FindInTree(path)
            : throw new UsageException($"'{path}' does not exist; give a case folder, a tree of them or a .zip file");
        if (!cases.Any(c => c.HasData))
            throw new UsageException($"'{path}' holds no test case; a case is a folder with {ModelFile} and {DataSetPrefix}0");
        cases.Sort((a, b) => string.CompareOrdinal(a.Folder, b.Folder));
        return cases;
    }

    /// <summary>The data sets of a case folder on disk, by number.</summary>
    public static List<string> DataSets(string folder) =>
        [.. Directory.EnumerateDirectories(folder, DataSetPrefix + "*").OrderBy(d => Number(Path.GetFileName(d))).ThenBy(d => d, StringComparer.Ordinal)];

    /// <summary>The model file of a case folder on disk.</summary>
    public static string ModelPath(string folder) => Path.Combine(folder, ModelFile);

    private static List<TestCase> FindInFile(string path)
    {
        if (Path.GetFileName(path) == ModelFile)
            return FindInTree(Path.GetDirectoryName(Path.GetFullPath(path))!);
        if (!path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
            throw new UsageException($"'{path}' is neither a folder nor a .zip file");
        using ZipArchive archive = ZipFile.OpenRead(path);
        var dataFolders = archive.Entries.Select(e => e.FullName).Where(n => n.Contains("/" + DataSetPrefix, StringComparison.Ordinal) || n.StartsWith(DataSetPrefix, StringComparison.Ordinal))
            .Select(n => n[..n.LastIndexOf(DataSetPrefix, StringComparison.Ordinal)]).ToHashSet(StringComparer.Ordinal);
        return [.. archive.Entries.Where(e => e.Name == ModelFile).Select(e =>
        {
            string folder = e.FullName[..^ModelFile.Length];
            string name = folder.TrimEnd('/');
            name = name.Length == 0 ? Path.GetFileNameWithoutExtension(path) : name[(name.LastIndexOf('/') + 1)..];
            return new TestCase(name, path, folder) { HasData = dataFolders.Contains(folder) };
        })];
    }

    private static List<TestCase> FindInTree(string root)
    {
        // Links are not followed, so a tree cannot contain itself.
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };
        var cases = new List<TestCase>();
        foreach (string model in Directory.EnumerateFiles(root, ModelFile, options))
        {
            string folder = Path.GetDirectoryName(model)!;
            bool hasData = Directory.EnumerateDirectories(folder, DataSetPrefix + "*").Any();
            cases.Add(new TestCase(Path.GetFileName(Path.GetFullPath(folder)), null, folder) { HasData = hasData });
        }
        foreach (string archive in Directory.EnumerateFiles(root, "*.zip", options))
            cases.AddRange(FindInFile(archive));
        return cases;
    }

    private static int Number(string name) => int.TryParse(name.AsSpan(DataSetPrefix.Length), out int number) ? number : int.MaxValue;
}
