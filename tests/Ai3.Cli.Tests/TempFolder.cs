namespace Ai3.Cli.Tests;

/// <summary>A folder that is deleted at the end of a test.</summary>
internal sealed class TempFolder : IDisposable
{
    public string FullPath { get; } = Directory.CreateTempSubdirectory("ai3-test-").FullName;

    public string this[params string[] parts] => Path.Combine([FullPath, .. parts]);

    /// <summary>Writes the digit reader that is built into the program; gives its path.</summary>
    public string DigitReader(string name = "digits.onnx")
    {
        string path = this[name];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, EmbeddedDigits());
        return path;
    }

    public static byte[] EmbeddedDigits()
    {
        using Stream stream = typeof(CommandLine).Assembly.GetManifestResourceStream("digits.onnx")!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    public void Dispose() => Directory.Delete(FullPath, recursive: true);
}
