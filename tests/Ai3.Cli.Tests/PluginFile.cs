using System.Diagnostics;

namespace Ai3.Cli.Tests;

/// <summary>The plug-in of samples/c, compiled with the system's C compiler.</summary>
internal static class PluginFile
{
    /// <summary>Compiles it into a folder; skips the test where there is no compiler.</summary>
    public static string Compile(TempFolder folder, string? define = null)
    {
        Skip.IfNot(OperatingSystem.IsLinux() && File.Exists("/usr/bin/gcc"), "needs gcc");
        string path = folder[$"lib{define ?? "mine"}.so"], root = RepositoryRoot();
        string[] arguments =
        [
            "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", Path.Combine(root, "samples", "c", "plugin.c"), "-I", Path.Combine(root, "Ai3.NativeAot", "include"), "-o", path,
            .. define is null ? Array.Empty<string>() : [$"-D{define}"],
        ];
        using Process gcc = Process.Start(new ProcessStartInfo("/usr/bin/gcc", arguments))!;
        gcc.WaitForExit();
        Assert.Equal(0, gcc.ExitCode);
        return path;
    }

    private static string RepositoryRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Ai3.Runtime.sln")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
