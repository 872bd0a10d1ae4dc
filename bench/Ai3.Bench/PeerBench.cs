using System.Diagnostics;
using System.Globalization;
using Ai3.Cli;
using Ai3.Onnx;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Bench;

/// <summary>Times a model in both runtimes, in interleaved rounds, and compares their answers.</summary>
internal static class PeerBench
{
    // Workers of either runtime spin a while after a run: with more than one thread they would disturb the other.
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(50);

    public static void Run(Shell shell, Arguments arguments)
    {
        if (arguments.Models.Count == 0)
            shell.Out.WriteLine("no models: give paths, or put the test data at shared/data");
        var table = new TextTable("model", ">ours min", ">ours median", ">ort min", ">ort median", ">min ratio", ">median ratio", ">difference");
        foreach (string path in arguments.Models)
            Compare(table, path, arguments);
        shell.Out.WriteLine($"{Units.Threads(arguments.Threads)}, {arguments.Rounds} interleaved rounds, {Ai3.Ops.Isa.Default.ToString().ToLowerInvariant()}");
        table.WriteTo(shell);
    }

    private static void Compare(TextTable table, string path, Arguments arguments)
    {
        using Model model = OnnxModel.Load(path);
        Dictionary<string, Value> inputs = ModelInputs.Of(path, model);
        using Session session = model.Compile(new CompileOptions { Threads = arguments.Threads });
        using Binding binding = session.CreateBinding();
        foreach ((string name, Value value) in inputs)
            binding.SetInput(name, value);
        using var peer = new OrtPeer(path, arguments.Threads, inputs);
        Action[] contenders = [() => session.Run(binding), peer.Run];
        Samples[] times = [new(), new()];
        foreach (Action contender in contenders)
            Warmup.Run(contender);
        for (int round = 0; round < arguments.Rounds; round++)
            for (int i = 0; i < contenders.Length; i++)
                times[i].Add(Time(contenders[i], arguments.Threads));
        string folder = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path)))!;
        table.Add(
            folder, Units.Time(times[0].Min), Units.Time(times[0].Median), Units.Time(times[1].Min), Units.Time(times[1].Median),
            Ratio(times[0].Min, times[1].Min), Ratio(times[0].Median, times[1].Median), Difference(binding, session, peer).ToString("0.0e0", CultureInfo.InvariantCulture));
    }

    // The first run after the other contender refills the caches; the second counts.
    private static double Time(Action contender, int threads)
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
            for (int i = 0; i < expected.Length; i++)
                largest = Math.Max(largest, Math.Abs(got[i] - expected[i]));
        }
        return largest;
    }

    private static string Ratio(double ours, double theirs) => (ours / theirs).ToString("0.00", CultureInfo.InvariantCulture);
}
