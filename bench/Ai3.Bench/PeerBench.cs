using System.Diagnostics;
using Ai3.Cli;
using Ai3.Onnx;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Bench;

/// <summary>Times a model in both runtimes, in interleaved rounds, and compares their answers.</summary>
internal static class PeerBench
{
    /// <summary>Workers of either runtime spin a while after a run: with more than one thread they would disturb the other.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(50);

    public static void Run(Shell shell, Arguments arguments)
    {
        if (arguments.Models.Count == 0)
            shell.Out.WriteLine("no models: give paths, or put the test data at shared/data");
        var all = new List<PeerResult>();
        foreach (int threads in arguments.Threads)
        {
            PeerResult[] results = new PeerResult[arguments.Models.Count];
            for (int i = 0; i < results.Length; i++)
                using (Progress.Start(shell, json: false, $"{ModelList.NameOf(arguments.Models[i])}, {i + 1} of {results.Length}, {Units.Threads(threads)}"))
                    results[i] = TryCompare(arguments.Models[i], threads, arguments.Rounds);
            PeerReport.Write(shell, threads, arguments.Rounds, results);
            all.AddRange(results);
        }
        if (arguments.Save)
            shell.Out.WriteLine($"saved {ResultFile.Save("models", json => PeerReport.WriteJson(json, arguments.Rounds, all))}");
    }

    // A model that one of the runtimes refuses is a row of the table, not the end of it.
    private static PeerResult TryCompare(string path, int threads, int rounds)
    {
        try
        {
            return Compare(path, threads, rounds);
        }
        catch (Exception e)
        {
            return PeerResult.Failed(ModelList.NameOf(path), threads, ErrorLine.Of(e));
        }
    }

    private static PeerResult Compare(string path, int threads, int rounds)
    {
        using Model model = OnnxModel.Load(path);
        Dictionary<string, Value> inputs = ModelInputs.Of(path, model);
        using Session session = model.Compile(new CompileOptions { Threads = threads });
        using Binding binding = session.CreateBinding();
        foreach ((string name, Value value) in inputs)
            binding.SetInput(name, value);
        using var peer = new OrtPeer(path, threads, inputs);
        Action[] contenders = [() => session.Run(binding), peer.Run];
        Samples[] times = [new(), new()];
        foreach (Action contender in contenders)
            Warmup.Run(contender);
        for (int round = 0; round < rounds; round++)
            for (int i = 0; i < contenders.Length; i++)
                times[i].Add(Time(contenders[i], threads));
        return new PeerResult(ModelList.NameOf(path), threads, times[0], times[1], Difference(binding, session, peer), null);
    }

    /// <summary>Nanoseconds of a run. The first after another contender refills the caches; the second counts.</summary>
    public static double Time(Action contender, int threads)
    {
        if (threads > 1)
            Thread.Sleep(Idle);
        contender();
        long start = Stopwatch.GetTimestamp();
        contender();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }

    private static double Difference(Binding binding, Session session, OrtPeer peer)
    {
        session.Run(binding);
        double largest = 0;
        foreach ((string name, float[] expected) in peer.FloatOutputs())
        {
            ReadOnlySpan<float> got = binding.Output(name).AsSpan<float>();
            if (got.Length != expected.Length)
                throw new InvalidDataException($"output '{name}' has {got.Length} elements, ONNX Runtime gives {expected.Length}");
            for (int i = 0; i < expected.Length; i++)
                largest = Math.Max(largest, Math.Abs(got[i] - expected[i]));
        }
        return largest;
    }
}
