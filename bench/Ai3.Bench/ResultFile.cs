using System.Globalization;
using System.Text;
using System.Text.Json;
using Ai3.Cli;
using Microsoft.ML.OnnxRuntime;

namespace Ai3.Bench;

/// <summary>Writes results to bench/results/&lt;cpu&gt;/NAME.json, with what they depend on.</summary>
internal static class ResultFile
{
    /// <summary>Gives the path of the file.</summary>
    public static string Save(string name, Action<Utf8JsonWriter> write)
    {
        Cpu cpu = Cpu.Detect();
        string folder = Path.Combine(Root(), "bench", "results", FolderName(cpu.Name));
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, name + ".json");
        using FileStream file = File.Create(path);
        using (var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("cpu", cpu.Name);
            json.WriteString("isa", Ops.Isa.Default.ToString().ToLowerInvariant());
            json.WriteString("date", DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            json.WriteString("version", InfoCommand.Version);
            json.WriteString("onnxRuntime", OrtEnv.Instance().GetVersionString());
            write(json);
            json.WriteEndObject();
        }
        file.Write("\n"u8);
        return path;
    }

    /// <summary>Letters and digits of a processor's name, joined by dashes.</summary>
    private static string FolderName(string cpu)
    {
        var name = new StringBuilder();
        foreach (char c in cpu.ToLowerInvariant())
            if (char.IsAsciiLetterOrDigit(c))
                name.Append(c);
            else if (name.Length > 0 && name[^1] != '-')
                name.Append('-');
        return name.ToString().TrimEnd('-');
    }

    private static string Root()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Ai3.Runtime.sln")))
                return folder.FullName;
        return Environment.CurrentDirectory;
    }
}
