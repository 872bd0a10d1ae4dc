namespace Ai3.Bench;

/// <summary>Which models are measured.</summary>
internal static class ModelList
{
    /// <summary>The varied_* models of the shared data.</summary>
    public static List<string> Default()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string models = Path.Combine(folder.FullName, "shared", "data", "models");
            if (Directory.Exists(models))
                return [.. Directory.EnumerateDirectories(models, "varied_*").Order(StringComparer.Ordinal).Select(d => Path.Combine(d, "model.onnx"))];
        }
        return [];
    }

    /// <summary>Adds a model file, every .onnx file of a folder, or a network of the zoo.</summary>
    public static bool TryAdd(string path, List<string> models)
    {
        if (ZooFiles.Names(path))
        {
            if (ZooFiles.Write(path) is not { } written)
                return Refuse($"the zoo has no network '{path}'");
            models.Add(written);
        }
        else if (Directory.Exists(path))
            models.AddRange(Directory.EnumerateFiles(path, "*.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
        else if (File.Exists(path))
            models.Add(path);
        else
            return Refuse($"there is no model at '{path}'");
        return true;
    }

    /// <summary>Adds what a list names, a path on each line: what a program that makes models prints.</summary>
    public static bool TryRead(string list, List<string> models)
    {
        if (list != "-" && !File.Exists(list))
            return Refuse($"there is no list '{list}'");
        string text = list == "-" ? Console.In.ReadToEnd() : File.ReadAllText(list);
        return text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).All(path => TryAdd(path, models));
    }

    /// <summary>What a model is called: its folder where the file is model.onnx, otherwise the file.</summary>
    public static string NameOf(string path) => Path.GetFileName(path) == "model.onnx"
        ? Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path)))! : Path.GetFileNameWithoutExtension(path);

    private static bool Refuse(string message)
    {
        Console.Error.WriteLine(message);
        return false;
    }
}
