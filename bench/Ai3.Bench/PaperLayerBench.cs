using Ai3.Cli;
using Ai3.Onnx;
using Ai3.Ops;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Bench;

/// <summary>
/// The single layers that the ai3 paper times (Cronin and Kuppannagari 2024, arXiv:2410.08300), by every algorithm that applies and by ONNX
/// Runtime, in interleaved rounds: batches of 10, 3x3, no padding, as many output as input channels.
/// </summary>
internal static class PaperLayerBench
{
    private const int Seed = 1;
    private const long Batch = 10;

    private static readonly (long Channels, long Size)[] s_layers = [(3, 224), (64, 112), (256, 28), (512, 14)];

    public static void Run(Shell shell, Arguments arguments)
    {
        var tables = new List<PaperLayer>();
        foreach (int threads in arguments.Threads)
        {
            using var workers = new WorkerPool(threads);
            double peak = MachineProbe.MeasureFlops(Isa.Default, workers);
            foreach ((long channels, long size) in s_layers)
            {
                using (Progress.Start(shell, json: false, $"{channels}x{size}x{size}, {Units.Threads(threads)}"))
                    tables.Add(Measure(channels, size, workers, peak, arguments.Rounds));
                tables[^1].Write(shell);
            }
        }
        if (arguments.Save)
            shell.Out.WriteLine($"saved {ResultFile.Save("layers", json => PaperLayer.WriteJson(json, arguments.Rounds, tables))}");
    }

    private static PaperLayer Measure(long channels, long size, WorkerPool workers, double peak, int rounds)
    {
        var target = new Target(Isa.Default, workers.Threads, CacheSizes.Typical);
        (OpDefinition op, Problem problem) = ProblemBench.Parse(OpCatalog.Default, $"conv/f32 n{Batch} c{channels} {size}x{size} m{channels} k3x3 s1 p0 g1");
        Tensor[] inputs = [.. problem.Inputs.Take(2).Select((t, i) => RandomInput.MakeForKernel(t.Type, t.Shape, Seed + i))];
        Tensor?[] operands = [.. problem.Inputs.Select((_, i) => i < inputs.Length ? inputs[i] : null)];
        var layouts = new LayoutChange(OpCatalog.Default, target);
        CandidateSet set = op.Candidates(problem, target);
        float[] expected;
        using (var reference = new BoundProblem(problem, set.Accepted.First(c => c.Algorithm.IsReference), operands, workers, layouts))
        {
            reference.Run();
            expected = reference.Outputs[0]!.AsSpan<float>().ToArray();
        }
        BoundProblem[] bound = [.. set.Accepted.Where(c => !c.Algorithm.IsReference).Select(c => new BoundProblem(problem, c, operands, workers, layouts))];
        using OrtPeer peer = Peer(inputs, workers.Threads);
        try
        {
            Samples[] times = [.. bound.Select(_ => new Samples())];
            var theirs = new Samples();
            foreach (BoundProblem b in bound)
                Warmup.Run(b.Run);
            Warmup.Run(peer.Run);
            for (int round = 0; round < rounds; round++)
            {
                for (int i = 0; i < bound.Length; i++)
                    times[i].Add(PeerBench.Time(bound[i].Run, workers.Threads));
                theirs.Add(PeerBench.Time(peer.Run, workers.Threads));
            }
            PaperLayerRow[] rows = [.. bound.Select((b, i) => new PaperLayerRow(b.Candidate, times[i], LargestError(layouts, b.Outputs[0]!, expected)))];
            return new PaperLayer(channels, size, workers.Threads, problem.Flops, peak, [.. rows.OrderBy(r => r.Times.Median)], theirs);
        }
        finally
        {
            foreach (IDisposable owned in bound.Concat<IDisposable>(inputs))
                owned.Dispose();
        }
    }

    // Relative to the largest element.
    private static double LargestError(LayoutChange layouts, Tensor output, float[] expected)
    {
        using Tensor plain = layouts.To(output, Format.Plain);
        ReadOnlySpan<float> got = plain.AsSpan<float>();
        double error = 0, largest = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            error = Math.Max(error, Math.Abs((double)got[i] - expected[i]));
            largest = Math.Max(largest, Math.Abs(expected[i]));
        }
        return error / largest;
    }

    private static OrtPeer Peer(Tensor[] inputs, int threads)
    {
        string path = Path.GetTempFileName();
        try
        {
            var g = new GraphBuilder();
            Runtime.Operand x = g.Input<float>("x", [.. inputs[0].Shape.ToArray().Select(d => (NamedDim)d)]);
            using (Model model = g.Output("y", g.Conv2D(x, g.Constant(inputs[1]))).Build())
                OnnxModel.Save(model, path);
            return new OrtPeer(path, threads, new Dictionary<string, Value> { ["x"] = inputs[0] });
        }
        finally
        {
            File.Delete(path);
        }
    }
}
