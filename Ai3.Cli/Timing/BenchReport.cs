using System.Diagnostics;
using System.Text.Json;
using Ai3.Ops;
using Ai3.Runtime;

namespace Ai3.Cli;

/// <summary>What <c>ai3 bench MODEL</c> found.</summary>
/// <param name="Target">The machine.</param>
/// <param name="Plan">The plan that ran.</param>
/// <param name="Compile">Time of compiling.</param>
/// <param name="Times">Times of runs.</param>
/// <param name="Flops">Floating-point operations of a run.</param>
/// <param name="Peak">The measured peak in GFLOP/s at the same threads.</param>
/// <param name="Steps">Times of steps, if asked for.</param>
internal sealed record BenchReport(Target Target, Plan Plan, TimeSpan Compile, Samples Times, double Flops, double Peak, IReadOnlyList<StepTiming> Steps)
{
    private double PlannedBytes => Plan.ArenaBytes + Plan.WorkspaceBytes + Plan.PackedBytes + Plan.ConstantBytes;

    public void Write(Shell shell)
    {
        TextWriter o = shell.Out;
        if (Steps.Count > 0)
            new StepReport(Steps).Write(shell);
        double rate = Flops / Times.Min;
        o.WriteLine($"level     {Target.Isa.ToString().ToLowerInvariant()}, {Units.Threads(Target.Threads)}");
        o.WriteLine($"compile   {Units.Time(Compile.TotalNanoseconds)}");
        o.WriteLine($"runs      {Times.Count}");
        o.WriteLine($"min       {Units.Time(Times.Min)}");
        o.WriteLine($"median    {Units.Time(Times.Median)}");
        o.WriteLine($"p95       {Units.Time(Times.P95)}");
        o.WriteLine($"p99       {Units.Time(Times.P99)}");
        o.WriteLine(Flops > 0 ? $"rate      {Units.Three(rate)} GFLOP/s, {Units.Percent(rate / Peak)} of the measured peak of {Units.Three(Peak)}" : "rate      -");
        string parts = $"values {Units.Bytes(Plan.ArenaBytes)}, workspace {Units.Bytes(Plan.WorkspaceBytes)}, "
            + $"packed constants {Units.Bytes(Plan.PackedBytes)}, other constants {Units.Bytes(Plan.ConstantBytes)}";
        o.WriteLine($"memory    {Units.Bytes(PlannedBytes)} planned ({parts})");
        o.WriteLine($"process   {Units.Bytes(PeakProcessBytes())} at most");
    }

    public void WriteJson(Shell shell) => JsonText.Write(shell, json =>
    {
        json.WriteStartObject();
        json.WriteString("isa", Target.Isa.ToString().ToLowerInvariant());
        json.WriteNumber("threads", Target.Threads);
        json.WriteReal("compileMilliseconds", Math.Round(Compile.TotalMilliseconds, 3));
        WriteTimes(json, Times);
        json.WriteReal("flops", Flops);
        json.WriteReal("gflops", Math.Round(Flops / Times.Min, 2));
        json.WriteReal("peakGflops", Math.Round(Peak, 2));
        json.WriteNumber("arenaBytes", Plan.ArenaBytes);
        json.WriteNumber("workspaceBytes", Plan.WorkspaceBytes);
        json.WriteNumber("packedBytes", Plan.PackedBytes);
        json.WriteNumber("constantBytes", Plan.ConstantBytes);
        json.WriteNumber("processBytes", PeakProcessBytes());
        new StepReport(Steps).WriteJson(json);
        json.WriteEndObject();
    });

    /// <summary>Count and quantiles in nanoseconds, as properties of the object being written.</summary>
    public static void WriteTimes(Utf8JsonWriter json, Samples times)
    {
        json.WriteNumber("runs", times.Count);
        json.WriteReal("minNanoseconds", times.Min);
        json.WriteReal("medianNanoseconds", times.Median);
        json.WriteReal("p95Nanoseconds", times.P95);
        json.WriteReal("p99Nanoseconds", times.P99);
    }

    private static long PeakProcessBytes()
    {
        using var process = Process.GetCurrentProcess();
        return Math.Max(process.PeakWorkingSet64, process.WorkingSet64);
    }
}
