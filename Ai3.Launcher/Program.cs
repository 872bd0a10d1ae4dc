using System.Runtime.InteropServices;

namespace Ai3.Launcher;

/// <summary>
/// Native AOT fixes the instruction set at publish, so one install holds a build for each level; this program, built for the
/// lowest, replaces itself with the best one that the processor can run. AI3_ISA lowers the level.
/// </summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        string folder = AppContext.BaseDirectory;
        foreach (string level in Levels.ForThisMachine())
        {
            string program = Path.Combine(folder, "lib", level, "ai3");
            if (File.Exists(program))
                return Replace(program, args);
        }
        Console.Error.WriteLine($"ai3: no build for this processor under {Path.Combine(folder, "lib")}; run the publish script again");
        return 1;
    }

    // Returns only if the program cannot be started.
    private static int Replace(string program, string[] args)
    {
        var argv = new nint[args.Length + 2];
        argv[0] = Marshal.StringToCoTaskMemUTF8(program);
        for (int i = 0; i < args.Length; i++)
            argv[i + 1] = Marshal.StringToCoTaskMemUTF8(args[i]);
        _ = execv(argv[0], argv);
        Console.Error.WriteLine($"ai3: {program} cannot be started: error {Marshal.GetLastPInvokeError()}");
        return 1;
    }

    [DllImport("libc", SetLastError = true, ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int execv(nint path, nint[] argv);
}
