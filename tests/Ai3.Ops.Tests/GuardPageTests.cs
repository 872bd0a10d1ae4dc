using System.Diagnostics;

namespace Ai3.Ops.Tests;

/// <summary>Every row on buffers next to unreadable pages, in child processes: the self-test does the work.</summary>
public sealed class GuardPageTests
{
    [SkippableTheory]
    [InlineData("ReadsPastInput")]
    [InlineData("ReadsBeforeInput")]
    public void AReadOutsideABufferIsCaught(string fault)
    {
        (int exitCode, string output) = SelfTest("--guard", "--isa", "scalar", "--count", "8", "--fault", fault);
        Assert.True(exitCode == 1 && output.Contains("touches memory that is not its own", StringComparison.Ordinal), output);
    }

    [SkippableFact]
    public void NoRowTouchesMemoryThatIsNotItsOwn()
    {
        (int exitCode, string output) = SelfTest("--guard", "--count", "4");
        Assert.True(exitCode == 0, output);
    }

    private static (int ExitCode, string Output) SelfTest(params string[] arguments)
    {
        Skip.IfNot(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "guard pages need mmap");
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(dotnet, [Path.Combine(AppContext.BaseDirectory, "Ai3.SelfTest.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
        };
        using Process child = Process.Start(start)!;
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return (child.ExitCode, output);
    }
}
