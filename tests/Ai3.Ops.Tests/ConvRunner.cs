using Ai3.Tensors;

namespace Ai3.Ops.Tests;

/// <summary>Runs every row of Conv on plain values and gives plain values back, through Reorder where a row wants blocks.</summary>
internal static class ConvRunner
{
    /// <summary>Every applicable row, level and layout must give these values: exactly, or closely where its transforms have fractions and round.</summary>
    public static void Expect(string key, float[] expected, params float[]?[] inputs)
    {
        var problem = (ConvProblem)ConvOp.Definition.ParseProblem(key)!;
        int runs = 0;
        foreach (IsaLevel isa in Isa.Supported)
        {
            var target = new Target(isa, 1, CacheSizes.Typical);
            foreach (Candidate candidate in ConvOp.Definition.Candidates(problem, target).Accepted)
            {
                float[] actual = Run(candidate, problem, inputs, target);
                float slack = candidate.Algorithm.Name is "winograd_f4x4_3x3" or "winograd_f6x6_3x3" or "fft_tiled" ? 1e-6f * expected.Select(Math.Abs).DefaultIfEmpty().Max() : 0;
                bool close = actual.Length == expected.Length && actual.Zip(expected).All(p => Math.Abs(p.First - p.Second) <= slack);
                Assert.True(close, $"{candidate.Algorithm.Name} {candidate.Formats} {isa}: [{string.Join(", ", actual)}]");
                runs++;
            }
        }
        Assert.True(runs >= 2 * Isa.Supported.Length);
    }

    public static string[] Names(string key) =>
        [.. ConvOp.Definition.Candidates(ConvOp.Definition.ParseProblem(key)!, new Target(Isa.Best, 1, CacheSizes.Typical)).Accepted.Select(c => c.Algorithm.Name).Distinct()];

    public static string RefusalOf(string row, string key) =>
        ConvOp.Definition.Candidates(ConvOp.Definition.ParseProblem(key)!, new Target(Isa.Best, 1, CacheSizes.Typical)).Refused.Single(r => r.Algorithm == row).Reason;

    private static float[] Run(Candidate candidate, ConvProblem problem, float[]?[] inputs, Target target)
    {
        Tensor?[] operands = [.. inputs.Select((v, i) => v is null ? null : Reordered(Tensor.From(v, problem.Inputs[i].Shape), candidate.Formats.Input(i), target))];
        PackedConstants? packed = candidate.PackKey is null ? null : candidate.Pack([.. operands.Select((t, i) => problem.IsConstant(i) ? t : null)]);
        using var workspace = new NativeBuffer(candidate.WorkspaceBytes);
        Tensor y = Tensor.Allocate(problem.Type, problem.Outputs[0].Shape, candidate.Formats.Output(0));
        candidate.Bind(packed).Run(new KernelArgs
        {
            Inputs = [.. operands.Select(t => t?.Address ?? 0)],
            Outputs = [y.Address],
            Workspace = workspace.Address,
            Workers = WorkerPool.Single,
        });
        GC.KeepAlive(operands);
        GC.KeepAlive(packed);
        return Reordered(y, Format.Plain, target).AsSpan<float>().ToArray();
    }

    public static Tensor Reordered(Tensor x, Format to, Target target)
    {
        if (x.Format == to)
            return x;
        var problem = new ReorderProblem(x.Type, x.Shape, x.Format, to);
        Tensor y = Tensor.Allocate(x.Type, x.Shape, to);
        ReorderOp.Definition.Candidates(problem, target).Accepted[0].Bind(null).Run(new KernelArgs { Inputs = [x.Address], Outputs = [y.Address], Workers = WorkerPool.Single });
        GC.KeepAlive(x);
        return y;
    }
}
