using System.Diagnostics;
using System.Globalization;
using Ai3.Testing;

namespace Ai3.SelfTest;

/// <summary>
/// Runs cases in child processes with operands next to unreadable pages. A child says what it is about to do; if it dies, that
/// check has touched memory that is not its own, and the next child goes on with the next case.
/// </summary>
internal static class GuardRun
{
    private const string Mark = "@";

    public static int Execute(Options options, RowCase[] cases)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
        {
            Console.WriteLine("0 passed, 0 failed, 0 skipped: guard pages need mmap");
            return 0;
        }
        var tally = new Tally();
        for (int from = 0; from < cases.Length;)
            from = RunChild(options, cases, from, tally);
        return tally.Report();
    }

    /// <summary>Says, in a child, which check comes next.</summary>
    public static void Announce(int index, ulong seed, int size)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Mark} {index} 0x{seed:x} {size}"));
        Console.Out.Flush();
    }

    // Gives the index of the case to go on with.
    private static int RunChild(Options options, RowCase[] cases, int from, Tally tally)
    {
        using Process child = Start(options, from);
        Task<string> errors = child.StandardError.ReadToEndAsync();
        string[] last = [];
        int announced = 0, failed = 0;
        bool finished = false;
        while (child.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith(Mark, StringComparison.Ordinal))
            {
                last = line.Split(' ');
                announced++;
            }
            else if (line.StartsWith("FAIL ", StringComparison.Ordinal))
            {
                failed++;
                tally.Add(CheckResult.Failed(line[5..]));
            }
            else if (line.Contains(" passed, ", StringComparison.Ordinal))
            {
                int[] counts = [.. line.Split(", ").Select(part => int.Parse(part.Split(' ')[0], CultureInfo.InvariantCulture))];
                tally.Passed += counts[0];
                tally.Skipped += counts[2];
                finished = true;
            }
        }
        child.WaitForExit();
        if (finished)
            return cases.Length;
        int index = last.Length == 4 ? int.Parse(last[1], CultureInfo.InvariantCulture) : from;
        tally.Passed += Math.Max(announced - failed - 1, 0);
        tally.Add(CheckResult.Failed(Describe(cases[index], last, child.ExitCode, errors.Result)));
        return index + 1;
    }

    private static string Describe(RowCase row, string[] last, int exitCode, string errors)
    {
        string at = errors.Split('\n').Select(l => l.Trim()).FirstOrDefault(l => l.StartsWith("at Ai3.", StringComparison.Ordinal)) ?? "";
        string replay = last.Length == 4 ? $"replay: --guard --op {row.OpName} --row {row.Row.Name} --isa {row.Isa} --seed {last[2]} --size {last[3]} --once" : "";
        string why = exitCode is 134 or 139 ? "touches memory that is not its own" : "ends the process";
        return $"{row}: {why} (exit {exitCode}) {at} | {replay}";
    }

    private static Process Start(Options options, int from)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Under the JIT the process is dotnet, and the assembly its first argument.
        string self = Path.Combine(AppContext.BaseDirectory, "Ai3.SelfTest.dll");
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(self);
        Add(start, "--guard");
        Add(start, "--child-from", from.ToString(CultureInfo.InvariantCulture));
        Add(start, "--count", options.Count.ToString(CultureInfo.InvariantCulture));
        Add(start, "--seed", options.Seed.ToString(CultureInfo.InvariantCulture));
        if (options.Op is { } op)
            Add(start, "--op", op);
        if (options.Row is { } row)
            Add(start, "--row", row);
        if (options.Isa is { } isa)
            Add(start, "--isa", isa.ToString());
        if (options.Size is { } size)
            Add(start, "--size", size.ToString(CultureInfo.InvariantCulture));
        if (options.Fault is { } fault)
            Add(start, "--fault", fault.ToString());
        if (options.Once)
            Add(start, "--once");
        return Process.Start(start) ?? throw new InvalidOperationException("the child process does not start");
    }

    private static void Add(ProcessStartInfo start, params string[] arguments)
    {
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
    }
}
