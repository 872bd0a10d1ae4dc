using Microsoft.Win32.SafeHandles;

namespace Ai3.Onnx;

/// <summary>Paths with every symbolic link followed.</summary>
internal static class RealPath
{
    private const int MaxLinks = 40;

    /// <summary>The path of an opened file: from the system where it tells (Linux), else by following links once more.</summary>
    public static string Of(SafeFileHandle handle, string path) =>
        OperatingSystem.IsLinux() && new FileInfo($"/proc/self/fd/{handle.DangerousGetHandle()}").LinkTarget is string target ? target : Of(path);

    /// <summary>The path with links in all its parts followed.</summary>
    /// <exception cref="OnnxFormatException">Links lead in a circle.</exception>
    public static string Of(string path)
    {
        int links = 0;
        return Follow(Path.GetFullPath(path), ref links);
    }

    private static string Follow(string path, ref int links)
    {
        string? parent = Path.GetDirectoryName(path);
        if (parent is null)
            return path;
        string full = Path.Combine(Follow(parent, ref links), Path.GetFileName(path));
        if (new FileInfo(full).LinkTarget is not string target)
            return full;
        if (++links > MaxLinks)
            throw new OnnxFormatException($"'{path}' leads through more than {MaxLinks} symbolic links");
        return Follow(Path.GetFullPath(target, Path.GetDirectoryName(full)!), ref links);
    }
}
