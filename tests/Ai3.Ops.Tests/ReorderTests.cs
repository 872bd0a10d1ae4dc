using Ai3.Tensors;

namespace Ai3.Ops.Tests;

/// <summary>Layout changes on values written out by hand.</summary>
public class ReorderTests
{
    private static float[] Run(string key, float[] x, string? row = null)
    {
        var problem = (ReorderProblem)ReorderOp.Definition.ParseProblem(key)!;
        var outputs = new List<float[]>();
        foreach (IsaLevel isa in Isa.Supported)
            foreach (Candidate candidate in ReorderOp.Definition.Candidates(problem, new Target(isa, 1, CacheSizes.Typical)).Accepted)
            {
                if (row is not null && candidate.Algorithm.Name != row)
                    continue;
                var y = new float[problem.To.StorageCount(problem.Shape)];
                Array.Fill(y, float.NaN);
                using Tensor source = Tensor.From(x, [x.Length]), target = Tensor.From(y, [y.Length]);
                candidate.Bind(null).Run(new KernelArgs { Inputs = [source.Address], Outputs = [target.Address], Workers = WorkerPool.Single });
                outputs.Add(y);
            }
        Assert.NotEmpty(outputs);
        Assert.All(outputs, y => Assert.Equal(outputs[0], y));
        return outputs[0];
    }

    [Fact]
    public void BlocksAreFilledUpWithZeros() => Assert.Equal(
        [1, 3, 5, 7, 2, 4, 6, 8, 9, 0, 0, 0, 10, 0, 0, 0],
        Run("reorder/f32 1x5x2 plain:nchw4c", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));

    [Fact]
    public void PlainLeavesTheZerosOut() => Assert.Equal(
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        Run("reorder/f32 1x5x2 nchw4c:plain", [1, 3, 5, 7, 2, 4, 6, 8, 9, 0, 0, 0, 10, 0, 0, 0]));

    [Fact]
    public void ChannelsLastIsOneBlockOfAllChannels() => Assert.Equal(
        [1, 4, 2, 5, 3, 6],
        Run("reorder/f32 1x2x1x3 plain:nhwc", [1, 2, 3, 4, 5, 6]));

    [Fact]
    public void SquaresOverlapAtTheEndOfARow()
    {
        float[] plain = [.. Enumerable.Range(1, 16 * 19).Select(i => (float)i)];
        float[] blocked = Run("reorder/f32 1x16x19 plain:nchw16c", plain);
        for (int p = 0; p < 19; p++)
            for (int c = 0; c < 16; c++)
                Assert.Equal(plain[c * 19 + p], blocked[p * 16 + c]);
        Assert.Equal(plain, Run("reorder/f32 1x16x19 nchw16c:plain", blocked));
    }

    [Theory]
    [InlineData("reorder/f32 1x64x56x56 plain:nchw16c")]
    [InlineData("reorder/i8 scalar plain:nhwc")]
    [InlineData("reorder/f64 2x3 nchw4c:axis2x8")]
    public void KeysRoundTrip(string key) => Assert.Equal(key, ReorderOp.Definition.ParseProblem(key)?.Key);

    [Theory]
    [InlineData("reorder/f32 1x64 plain:nchw0c")]
    [InlineData("reorder/f32 1x64 plain")]
    [InlineData("reorder/f32 1x-4 plain:nhwc")]
    public void WhatIsNoReorderIsRejected(string key) => Assert.Null(ReorderOp.Definition.ParseProblem(key));
}
