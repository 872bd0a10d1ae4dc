using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Ai3.Cli;
using Ai3.Onnx;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Bench;

/// <summary>Items a second in both runtimes: one caller, batches, and several callers of one session.</summary>
internal static class ThroughputBench
{
    private const int Rounds = 5;
    private const int InputSeed = 1;
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(400);

    /// <summary>A way to run a model.</summary>
    private sealed record Way(string Name, int Callers, int Batch, int Threads);

    private sealed record Row(string Model, Way Way, double Ours, double Theirs, string? Failure);

    // The same two cores in every way.
    private static readonly Way[] s_ways = [new("1 caller, batch 1", 1, 1, 2), new("1 caller, batch 8", 1, 8, 2), new("2 callers, batch 1", 2, 1, 1)];

    public static void Run(Shell shell, Arguments arguments)
    {
        var rows = new List<Row>();
        foreach (string path in arguments.Models)
        {
            foreach (Way way in s_ways)
            {
                using (Progress.Start(shell, json: false, $"{ModelList.NameOf(path)}, {way.Name}"))
                    rows.Add(TryMeasure(path, way));
            }
        }
        Write(shell, rows);
        if (arguments.Save)
            shell.Out.WriteLine($"saved {ResultFile.Save("throughput", json => WriteJson(json, rows))}");
    }

    private static Row TryMeasure(string path, Way way)
    {
        try
        {
            (double ours, double theirs) = Measure(path, way);
            return new Row(ModelList.NameOf(path), way, ours, theirs, null);
        }
        catch (Exception e)
        {
            return new Row(ModelList.NameOf(path), way, double.NaN, double.NaN, ErrorLine.Of(e));
        }
    }

    private static (double Ours, double Theirs) Measure(string path, Way way)
    {
        using Model model = OnnxModel.Load(path);
        Dictionary<string, Value> inputs = way.Batch == 1 ? ModelInputs.Of(path, model) : BatchInputs(model, way.Batch);
        using Session session = model.Compile(new CompileOptions { Threads = way.Threads });
        Binding[] bindings = [.. Enumerable.Range(0, way.Callers).Select(_ => Bind(session, inputs))];
        using var peer = new OrtPeer(path, way.Threads, inputs);
        Samples ours = new(), theirs = new();
        Warmup.Run(() => session.Run(bindings[0]));
        Warmup.Run(peer.Run);
        for (int round = 0; round < Rounds; round++)
        {
            Thread.Sleep(PeerBench.Idle);
            ours.Add(RunsPerSecond(way.Callers, caller => session.Run(bindings[caller])));
            Thread.Sleep(PeerBench.Idle);
            theirs.Add(RunsPerSecond(way.Callers, _ => peer.Run()));
        }
        foreach (Binding binding in bindings)
            binding.Dispose();
        return (ours.Median * way.Batch, theirs.Median * way.Batch);
    }

    private static Binding Bind(Session session, Dictionary<string, Value> inputs)
    {
        Binding binding = session.CreateBinding();
        foreach ((string name, Value value) in inputs)
            binding.SetInput(name, value);
        return binding;
    }

    // Every input begins with the same symbol: the batch.
    private static Dictionary<string, Value> BatchInputs(Model model, int batch)
    {
        string[] symbols = [.. model.Inputs.Select(BatchSymbol).Distinct()];
        if (symbols.Length != 1 || symbols[0].Length == 0)
            throw new InvalidDataException("the batch is fixed");
        var sizes = new Dictionary<string, long> { [symbols[0]] = batch };
        return model.Inputs.ToDictionary(i => i.Name, Value (i) => RandomInput.Make(i, sizes, InputSeed));
    }

    private static string BatchSymbol(GraphValue input) =>
        input.Tensor?.Shape is { Rank: > 0 } shape && !shape[0].IsKnown && shape[0].Symbols.Count() == 1 && shape[0] == Dim.Symbol(shape[0].Symbols.First())
            ? shape[0].Symbols.First() : "";

    private static double RunsPerSecond(int callers, Action<int> run)
    {
        using var start = new Barrier(callers);
        Task<double>[] rates = [.. Enumerable.Range(0, callers).Select(caller =>
            Task.Factory.StartNew(() => RateOf(start, () => run(caller)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        Task.WaitAll(rates);
        return rates.Sum(r => r.Result);
    }

    private static double RateOf(Barrier start, Action run)
    {
        start.SignalAndWait();
        long begin = Stopwatch.GetTimestamp();
        int runs = 0;
        do
        {
            run();
            runs++;
        }
        while (Stopwatch.GetElapsedTime(begin) < Window);
        return runs / Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    private static void Write(Shell shell, List<Row> rows)
    {
        shell.Out.WriteLine($"items a second, median of {Rounds} interleaved rounds of {Window.TotalMilliseconds} ms; threads in all: 2; a gain is our rate by ONNX Runtime's");
        var table = new TextTable("model", "way", ">ours", ">ort", ">gain", "");
        foreach (Row r in rows)
            table.Add(
                r.Model, r.Way.Name, r.Failure is null ? Units.Three(r.Ours) : "-", r.Failure is null ? Units.Three(r.Theirs) : "-",
                r.Failure is null ? (r.Ours / r.Theirs).ToString("0.00", CultureInfo.InvariantCulture) : "-",
                r.Failure ?? (r.Ours < r.Theirs ? "slower" : "faster"));
        table.WriteTo(shell);
    }

    private static void WriteJson(Utf8JsonWriter json, List<Row> rows)
    {
        json.WriteStartArray("throughput");
        foreach (Row r in rows)
        {
            json.WriteStartObject();
            json.WriteString("model", r.Model);
            json.WriteNumber("callers", r.Way.Callers);
            json.WriteNumber("batch", r.Way.Batch);
            json.WriteNumber("threads", r.Way.Threads);
            if (r.Failure is not null)
            {
                json.WriteString("failure", r.Failure);
            }
            else
            {
                json.WriteReal("oursItemsPerSecond", Math.Round(r.Ours, 2));
                json.WriteReal("ortItemsPerSecond", Math.Round(r.Theirs, 2));
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
