using System.CommandLine;
using System.Reflection;
using System.Runtime;
using System.Runtime.InteropServices;
using Ai3.Ops;

namespace Ai3.Cli;

/// <summary><c>ai3 info</c>: the machine, what this build uses of it, and what it can reach.</summary>
internal static class InfoCommand
{
    private const long LeastProbeBytes = 128L << 20;
    private const long MostProbeBytes = 512L << 20;

    private sealed record Report(
        string Version, string Runtime, string System, Cpu Cpu, IsaLevel Used, int Threads, IReadOnlyList<CpuCache> Caches, double FlopsOne, double FlopsAll, double Bandwidth);

    public static Command Create(Shell shell)
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("info", "Shows the processor, what this build uses of it, and measured peaks.") { json };
        command.SetAction(parse =>
        {
            Report report;
            using (Progress.Start(shell, parse.GetValue(json), "measuring"))
                report = Measure();
            if (parse.GetValue(json))
                PrintJson(shell, report);
            else
                Print(shell, report);
            if (Warning(report) is { } warning)
                shell.Error.WriteLine($"ai3: warning: {warning}");
            return ExitCode.Good;
        });
        return command;
    }

    /// <summary>The version of this program.</summary>
    public static string Version =>
        typeof(InfoCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    private static Report Measure()
    {
        IReadOnlyList<CpuCache> caches = CpuCache.Detect();
        IsaLevel used = Isa.Default;
        using var all = new WorkerPool(Environment.ProcessorCount);
        long probe = Math.Clamp(4 * caches.Where(c => c.Level >= 3).Sum(c => c.Bytes), LeastProbeBytes, MostProbeBytes);
        string runtime = JitInfo.GetCompiledMethodCount() > 0 ? "JIT" : "Native AOT";
        return new Report(
            Version, $"{RuntimeInformation.FrameworkDescription}, {runtime}", RuntimeInformation.OSDescription, Cpu.Detect(), used, Environment.ProcessorCount, caches,
            MachineProbe.MeasureFlops(used, WorkerPool.Single), MachineProbe.MeasureFlops(used, all), MachineProbe.MeasureBandwidth(used, all, probe));
    }

    private static string? Warning(Report r)
    {
        if (r.Cpu.Level <= Isa.Best)
            return r.Used < Isa.Best ? $"{Isa.Variable} lowers the instruction set to {Name(r.Used)}; this build has {Name(Isa.Best)} here" : null;
        return $"the processor has {Name(r.Cpu.Level)}, but this build was compiled for {Name(Isa.Best)}; a build for {Name(r.Cpu.Level)} is faster";
    }

    private static void Print(Shell shell, Report r)
    {
        TextWriter o = shell.Out;
        o.WriteLine($"ai3          {r.Version} ({r.Runtime})");
        o.WriteLine($"system       {r.System}");
        o.WriteLine($"processor    {r.Cpu.Name}");
        o.WriteLine($"threads      {r.Threads}");
        string extensions = r.Cpu.Features.Count > 0 ? $" (and {string.Join(", ", r.Cpu.Features)})" : "";
        o.WriteLine($"available    {string.Join(", ", Enum.GetValues<IsaLevel>().Where(l => l <= r.Cpu.Level).Select(Name))}{extensions}");
        o.WriteLine($"this build   {string.Join(", ", Isa.Supported.Select(Name))}");
        o.WriteLine($"used         {Name(r.Used)}");
        foreach (CpuCache cache in r.Caches)
            o.WriteLine($"cache        L{cache.Level} {cache.Kind} {Units.Bytes(cache.Bytes)}{(cache.Sharing.Length > 0 ? $", cores {cache.Sharing}" : "")}");
        o.WriteLine($"FMA peak     {r.FlopsOne:0.0} GFLOP/s on one thread, {r.FlopsAll:0.0} on {r.Threads} (float32, measured)");
        o.WriteLine($"memory       {r.Bandwidth:0.0} GB/s read on {r.Threads} threads (measured)");
    }

    private static void PrintJson(Shell shell, Report r) => JsonText.Write(shell, json =>
    {
        json.WriteStartObject();
        json.WriteString("version", r.Version);
        json.WriteString("runtime", r.Runtime);
        json.WriteString("system", r.System);
        json.WriteString("processor", r.Cpu.Name);
        json.WriteNumber("threads", r.Threads);
        json.WriteStrings("available", Enum.GetValues<IsaLevel>().Where(l => l <= r.Cpu.Level).Select(Name));
        json.WriteStrings("features", r.Cpu.Features);
        json.WriteStrings("build", Isa.Supported.Select(Name));
        json.WriteString("used", Name(r.Used));
        json.WriteStartArray("caches");
        foreach (CpuCache cache in r.Caches)
        {
            json.WriteStartObject();
            json.WriteNumber("level", cache.Level);
            json.WriteString("kind", cache.Kind);
            json.WriteNumber("bytes", cache.Bytes);
            json.WriteString("cores", cache.Sharing);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteReal("gflopsOneThread", Math.Round(r.FlopsOne, 2));
        json.WriteReal("gflopsAllThreads", Math.Round(r.FlopsAll, 2));
        json.WriteReal("gigabytesPerSecond", Math.Round(r.Bandwidth, 2));
        if (Warning(r) is { } warning)
            json.WriteString("warning", warning);
        json.WriteEndObject();
    });

    private static string Name(IsaLevel level) => level.ToString().ToLowerInvariant();
}
