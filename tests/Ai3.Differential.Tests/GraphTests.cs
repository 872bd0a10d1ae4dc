using Ai3.Runtime;
using Ai3.Tensors;
using Ai3.Testing;
using Xunit.Abstractions;

namespace Ai3.Differential.Tests;

/// <summary>Random small networks against ONNX Runtime: as compiled by default, without rewrites, and on every algorithm's layouts.</summary>
public sealed class GraphTests(ITestOutputHelper output)
{
    // Networks of some ten layers whose values stay near 1: errors are far below, a wrong rewrite, layout or lifetime far above.
    private const double Allowed = 1e-4;

    private static readonly (string Name, CompileOptions Options)[] s_ways =
    [
        ("automatic", new()),
        ("no rewrites", new() { DisabledRewrites = [.. CompileOptions.RewriteNames] }),
        ("blocked", new() { Selection = Blocked() }),
        ("plain", new() { Selection = Selection.Automatic.WithOp("Conv", "gemm,auto") }),
        ("scalar", new() { Isa = Ops.IsaLevel.Scalar }),
    ];

    [Fact]
    public void NetworksGiveWhatOnnxRuntimeGives()
    {
        var failures = new List<string>();
        int count = Settings.Count * 8, refused = 0;
        for (int i = 0; i < count && failures.Count < 3; i++)
        {
            var draw = new Draw(TestRandom.Derive(TestRandom.Derive(Settings.Seed, "graphs"), i));
            DrawnGraph graph = GraphDraw.Make(draw);
            if (Failure(graph, ref refused) is not { } first)
                continue;
            (IReadOnlyList<int> choices, string failure) = Shrinker.Shrink(draw.Choices, first, smaller => Failure(GraphDraw.Make(smaller), ref refused));
            failures.Add($"{failure}\n    {GraphDraw.Make(new Draw(choices)).Text}\n    from graph {i} (AI3_DIFF_SEED={Settings.Seed}): {first}");
        }
        output.WriteLine($"{count} graphs, each in {s_ways.Length} ways, {refused} refused by the peer");
        Assert.True(failures.Count == 0, string.Join("\n", failures));
        Assert.Equal(0, refused);
    }

    private static string? Failure(DrawnGraph graph, ref int refused)
    {
        Settings.Trace(graph.Text);
        try
        {
            Answer peer = OrtPeer.Run(graph.Bytes, graph.Inputs);
            if (peer.Tensors is not { } expected)
            {
                refused++;
                return null;
            }
            double[] largest = [.. expected.Select(Largest)];
            foreach ((string name, CompileOptions options) in s_ways)
            {
                Answer ours = OurSide.Run(graph.Bytes, graph.Inputs, options);
                if (ours.Outputs is null)
                    return $"{name}: refused: {ours.Refusal}";
                if (Comparison.Difference(expected, ours.Outputs, (o, _) => Allowed * largest[o]) is { } difference)
                    return $"{name}: {difference}";
            }
            return null;
        }
        catch (Exception e)
        {
            return $"{e.GetBaseException().GetType().Name}: {e.GetBaseException().Message} {e.StackTrace?.Split('\n')[0].Trim()}";
        }
    }

    private static double Largest(Tensor tensor)
    {
        double largest = 1;
        for (long i = 0; i < tensor.Count; i++)
            largest = Math.Max(largest, Math.Abs(Elements.At(tensor, i)));
        return largest;
    }

    // Blocked layouts wherever an operator has them, which the selector alone would not always choose.
    private static Selection Blocked() => Selection.Automatic
        .WithOp("Conv", "direct_nchwc,pointwise,auto")
        .WithOp("MaxPool", "direct_nchwc,auto")
        .WithOp("AveragePool", "direct_nchwc,auto")
        .WithOp("GlobalAveragePool", "direct_nchwc,auto");
}
