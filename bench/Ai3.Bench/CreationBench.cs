using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Ai3.Cli;
using Ai3.Onnx;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Bench;

/// <summary>
/// From a file to the first answer in both runtimes, in interleaved rounds on a warm page cache, and the peak memory of a process that does just that.
/// </summary>
/// <remarks>Peak memory is that of a child process; both children hold the .NET runtime and the inputs too.</remarks>
internal static class CreationBench
{
    private const string Ours = "ours", Theirs = "ort";

    public static void Run(Shell shell, Arguments arguments)
    {
        int threads = arguments.Threads[0];
        shell.Out.WriteLine($"{Units.Threads(threads)}, {arguments.Rounds} interleaved rounds: load and compile; the same with the first run; peak memory of a process");
        var table = new TextTable("model", ">ours create", ">ort create", ">ratio", ">ours first", ">ort first", ">ratio", ">ours peak", ">ort peak", ">ratio");
        var rows = new List<CreationResult>();
        foreach (string path in arguments.Models)
        {
            CreationResult r = Measure(path, threads, arguments.Rounds);
            rows.Add(r);
            table.Add(
                r.Model, Units.Time(r.OursCreate), Units.Time(r.TheirsCreate), Ratio(r.OursCreate / r.TheirsCreate), Units.Time(r.OursFirst), Units.Time(r.TheirsFirst),
                Ratio(r.OursFirst / r.TheirsFirst), Units.Bytes(r.OursPeak), Units.Bytes(r.TheirsPeak), Ratio((double)r.OursPeak / r.TheirsPeak));
        }
        table.WriteTo(shell);
        if (arguments.Save)
            shell.Out.WriteLine($"saved {ResultFile.Save("creation", json => WriteJson(json, threads, rows))}");
    }

    /// <summary>What a child process does: one run of one runtime, then its peak memory in bytes on a line.</summary>
    public static int RunChild(string runtime, string path, int threads)
    {
        using Model model = OnnxModel.Load(path);
        Dictionary<string, Value> inputs = ModelInputs.Of(path, model);
        if (runtime == Ours)
            First(path, threads, inputs);
        else
            using (var peer = new OrtPeer(path, threads, inputs))
                peer.Run();
        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        Console.WriteLine(1024 * long.Parse(line.AsSpan(6, line.Length - 8).Trim(), CultureInfo.InvariantCulture));
        return 0;
    }

    private static CreationResult Measure(string path, int threads, int rounds)
    {
        using Model model = OnnxModel.Load(path);
        Dictionary<string, Value> inputs = ModelInputs.Of(path, model);
        Samples[] times = [new(), new(), new(), new()];
        for (int round = -1; round < rounds; round++)
        {
            (double oursCreate, double oursFirst) = First(path, threads, inputs);
            long start = Stopwatch.GetTimestamp();
            using var peer = new OrtPeer(path, threads, inputs);
            double theirsCreate = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
            peer.Run();
            double theirsFirst = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
            // The first round compiles our code, which is measured in the child processes.
            if (round < 0)
                continue;
            times[0].Add(oursCreate);
            times[1].Add(oursFirst);
            times[2].Add(theirsCreate);
            times[3].Add(theirsFirst);
        }
        return new CreationResult(
            ModelList.NameOf(path), times[0].Median, times[2].Median, times[1].Median, times[3].Median, Peak(Ours, path, threads), Peak(Theirs, path, threads));
    }

    private static (double Create, double First) First(string path, int threads, Dictionary<string, Value> inputs)
    {
        long start = Stopwatch.GetTimestamp();
        using Model model = OnnxModel.Load(path);
        using Session session = model.Compile(new CompileOptions { Threads = threads });
        double create = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        using Binding binding = session.CreateBinding();
        foreach ((string name, Value value) in inputs)
            binding.SetInput(name, value);
        session.Run(binding);
        return (create, Stopwatch.GetElapsedTime(start).TotalNanoseconds);
    }

    private static long Peak(string runtime, string path, int threads)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(CreationBench).Assembly.Location);
        foreach (string argument in new[] { "--child", runtime, path, threads.ToString(CultureInfo.InvariantCulture) })
            start.ArgumentList.Add(argument);
        using Process child = Process.Start(start)!;
        string line = child.StandardOutput.ReadToEnd().Trim();
        child.WaitForExit();
        return child.ExitCode == 0 ? long.Parse(line, CultureInfo.InvariantCulture) : throw new InvalidOperationException($"the child process for '{path}' failed");
    }

    private static string Ratio(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);

    private static void WriteJson(Utf8JsonWriter json, int threads, IEnumerable<CreationResult> rows)
    {
        json.WriteNumber("threads", threads);
        json.WriteStartArray("models");
        foreach (CreationResult r in rows)
        {
            json.WriteStartObject();
            json.WriteString("model", r.Model);
            json.WriteReal("oursCreateNanoseconds", r.OursCreate);
            json.WriteReal("ortCreateNanoseconds", r.TheirsCreate);
            json.WriteReal("oursFirstRunNanoseconds", r.OursFirst);
            json.WriteReal("ortFirstRunNanoseconds", r.TheirsFirst);
            json.WriteNumber("oursPeakBytes", r.OursPeak);
            json.WriteNumber("ortPeakBytes", r.TheirsPeak);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}

/// <summary>One model: median nanoseconds to create and to the first answer, and peak bytes.</summary>
internal sealed record CreationResult(
    string Model, double OursCreate, double TheirsCreate, double OursFirst, double TheirsFirst, long OursPeak, long TheirsPeak);
