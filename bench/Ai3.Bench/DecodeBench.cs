using System.Diagnostics;
using Ai3.Cli;
using Ai3.Onnx;
using Ai3.Runtime;
using Ai3.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace Ai3.Bench;

/// <summary>
/// Generates tokens greedily with a decoder whose cache is inputs and outputs (past* and present*, in the same order): in both
/// runtimes, token by token, and says whether the tokens agree, what a token takes, and whether managed memory grows.
/// </summary>
internal static class DecodeBench
{
    // Tokens after which plans and buffers count as settled.
    private const int Settled = 10;

    /// <summary>1 if any model's tokens differ or its memory grows.</summary>
    public static int Run(Shell shell, Arguments arguments)
    {
        int failures = 0;
        foreach (string path in arguments.Models)
        {
            string name = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path)))!;
            using Model model = OnnxModel.Load(path);
            using Session session = model.Compile(new CompileOptions { Threads = arguments.Threads[0] });
            Generation ours = Ours(session, arguments.Decode);
            Generation peer = Peer(path, session, arguments);
            bool same = ours.Tokens.SequenceEqual(peer.Tokens);
            shell.Out.WriteLine($"{name}: {arguments.Decode} tokens, {(same ? "the same" : "NOT the same")} in both; managed growth beside the cache {ours.Growth / Math.Max(1, arguments.Decode - Settled)} bytes a token, {ours.Allocated / Math.Max(1, arguments.Decode - Settled)} bytes allocated a token");
            shell.Out.WriteLine($"  ours {Units.Time(ours.Times.Min)} min, {Units.Time(ours.Times.Median)} median a token; ort {Units.Time(peer.Times.Min)} min, {Units.Time(peer.Times.Median)} median");
            failures += same && ours.Growth / Math.Max(1, arguments.Decode - Settled) <= 0 ? 0 : 1;
        }
        return failures == 0 ? 0 : 1;
    }

    private static Generation Ours(Session session, int count)
    {
        var result = new Generation();
        string[] pasts = [.. session.Inputs.Select(i => i.Name).Where(n => n.StartsWith("past", StringComparison.Ordinal))];
        string[] presents = [.. session.Outputs.Select(o => o.Name).Where(n => n.StartsWith("present", StringComparison.Ordinal))];
        var inputs = new Dictionary<string, Value>();
        foreach (string past in pasts)
            inputs[past] = Empty(session.Inputs.First(i => i.Name == past).Tensor!);
        long token = 1, memory = 0, allocated = 0;
        for (int step = 0; step < count; step++)
        {
            if (step == Settled)
                (memory, allocated) = (LiveBytes(), GC.GetTotalAllocatedBytes(precise: true));
            foreach (GraphValue input in session.Inputs.Where(i => !pasts.Contains(i.Name)))
                inputs[input.Name] = Tensor.From(Fed(input.Name, token, step), [1, Fed(input.Name, token, step).Length]);
            long start = Stopwatch.GetTimestamp();
            Outputs outputs = session.Run(inputs);
            result.Times.Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds);
            Tensor logits = outputs[0];
            token = ArgMax(logits.AsSpan<float>()[^(int)logits.Shape[^1]..]);
            result.Tokens.Add(token);
            for (int i = 0; i < pasts.Length; i++)
                inputs[pasts[i]] = outputs[presents[i]];
        }
        result.Allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        // The cache itself is the caller's, and grows.
        long cache = pasts.Sum(p => ((Tensor)inputs[p]).ByteLength) / count * (count - Settled);
        result.Growth = LiveBytes() - memory - cache;
        return result;
    }

    private static Generation Peer(string path, Session session, Arguments arguments)
    {
        var result = new Generation();
        using var options = new SessionOptions { IntraOpNumThreads = arguments.Threads[0], LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var peer = new InferenceSession(path, options);
        using var run = new Microsoft.ML.OnnxRuntime.RunOptions();
        string[] pasts = [.. session.Inputs.Select(i => i.Name).Where(n => n.StartsWith("past", StringComparison.Ordinal))];
        string[] presents = [.. session.Outputs.Select(o => o.Name).Where(n => n.StartsWith("present", StringComparison.Ordinal))];
        var caches = pasts.Select(p => Empty(session.Inputs.First(i => i.Name == p).Tensor!)).Select(t => OrtValue.CreateTensorValueFromMemory(Array.Empty<float>(), t.Shape.ToArray())).ToArray();
        long token = 1;
        for (int step = 0; step < arguments.Decode; step++)
        {
            List<string> names = [.. session.Inputs.Select(i => i.Name)];
            List<OrtValue> values = [.. names.Select(n => Array.IndexOf(pasts, n) is >= 0 and var i ? caches[i]
                : OrtValue.CreateTensorValueFromMemory(Fed(n, token, step), [1, Fed(n, token, step).Length]))];
            long start = Stopwatch.GetTimestamp();
            IDisposableReadOnlyCollection<OrtValue> outputs = peer.Run(run, names, values, [session.Outputs[0].Name, .. presents]);
            result.Times.Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds);
            int vocabulary = (int)outputs[0].GetTensorTypeAndShape().Shape[^1];
            token = ArgMax(outputs[0].GetTensorDataAsSpan<float>()[^vocabulary..]);
            result.Tokens.Add(token);
            for (int i = 0; i < caches.Length; i++)
                caches[i] = outputs[1 + i];
        }
        return result;
    }

    // The token, its position, or ones for all there is to attend to.
    private static long[] Fed(string input, long token, int step) =>
        input.Contains("mask", StringComparison.Ordinal) ? [.. Enumerable.Repeat(1L, step + 1)] : [input.Contains("position", StringComparison.Ordinal) ? step : token];

    private static Tensor Empty(TensorFact cache) =>
        Tensor.Allocate(cache.Type, [.. cache.Shape!.Select((d, i) => d.TryGetValue(out long known) ? known : i == 0 ? 1 : 0)]);

    private static long LiveBytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        GCMemoryInfo info = GC.GetGCMemoryInfo(GCKind.Any);
        return info.HeapSizeBytes - info.FragmentedBytes;
    }

    private static long ArgMax(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
            if (values[i] > values[best])
                best = i;
        return best;
    }

    private sealed class Generation
    {
        public List<long> Tokens { get; } = [];

        public Samples Times { get; } = new();

        public long Growth { get; set; }

        public long Allocated { get; set; }
    }
}
