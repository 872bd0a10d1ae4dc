using Ai3.Tensors;
using static Ai3.Ops.Tests.ElementwiseRunner;

namespace Ai3.Ops.Tests;

/// <summary>What the random operators draw.</summary>
public class RandomTests
{
    [Fact]
    public void PhiloxGivesThePublishedNumbers()
    {
        // The known answers of Random123 for philox4x32-10.
        (ulong first, ulong second) = new Philox(0, 0).Block(0);
        Assert.Equal([0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u], new[] { (uint)first, (uint)(first >> 32), (uint)second, (uint)(second >> 32) });
        (first, second) = new Philox(ulong.MaxValue, ulong.MaxValue).Block(ulong.MaxValue);
        Assert.Equal([0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu], new[] { (uint)first, (uint)(first >> 32), (uint)second, (uint)(second >> 32) });
    }

    [Fact]
    public void ASeedGivesTheSameValuesAndNoneGivesOthers()
    {
        Attributes seeded = Attributes(("shape", Longs(1000)), ("seed", 7f));
        float[] first = Draw("RandomUniform", seeded);
        Assert.All(RowRunner.Run(Find("RandomUniform", 22), 22, seeded, 1), r => Assert.Equal(first, r.Outputs[0].AsSpan<float>().ToArray()));
        Assert.NotEqual(first, Draw("RandomUniform", Attributes(("shape", Longs(1000)), ("seed", 8f))));
        Attributes fresh = Attributes(("shape", Longs(1000)));
        Assert.NotEqual(Draw("RandomNormal", fresh), Draw("RandomNormal", fresh));
    }

    [Fact]
    public void MomentsAreThoseOfTheDistribution()
    {
        float[] uniform = Draw("RandomUniform", Attributes(("shape", Longs(100_000)), ("seed", 1f), ("low", -2f), ("high", 4f)));
        Assert.All(uniform, v => Assert.InRange(v, -2f, MathF.BitDecrement(4)));
        Assert.InRange(uniform.Average(), 0.97, 1.03);
        Assert.InRange(uniform.Average(v => (v - 1.0) * (v - 1)), 2.95, 3.05);
        float[] normal = Draw("RandomNormal", Attributes(("shape", Longs(100_001)), ("seed", 1f), ("mean", 5f), ("scale", 2f)));
        Assert.InRange(normal.Average(), 4.97, 5.03);
        Assert.InRange(normal.Average(v => (v - 5.0) * (v - 5)), 3.92, 4.08);
        Assert.InRange(normal.Count(v => Math.Abs(v - 5) < 2) / 100_001.0, 0.677, 0.689);
    }

    [Fact]
    public void BernoulliAndMultinomialFollowTheirProbabilities()
    {
        var p = new float[100_000];
        for (int i = 0; i < p.Length; i++)
            p[i] = i % 2 == 0 ? 0.25f : 1;
        foreach ((string row, Tensor[] y) in RowRunner.Run(Find("Bernoulli", 22), 22, Attributes(("seed", 3f), ("dtype", (long)DType.Bool)), 1, Tensor.From(p, [p.Length])))
            Assert.InRange(y[0].AsSpan<bool>().ToArray().Count(b => b) / (double)p.Length, 0.615, 0.635);
        Tensor scores = F32([2, 3], 0, MathF.Log(3), float.NegativeInfinity, 1, 1, 1);
        foreach ((string row, Tensor[] y) in RowRunner.Run(Find("Multinomial", 22), 22, Attributes(("seed", 3f), ("sample_size", 30_000L)), 1, scores))
        {
            int[] samples = y[0].AsSpan<int>().ToArray();
            Assert.InRange(samples[..30_000].Count(s => s == 1) / 30_000.0, 0.735, 0.765);
            Assert.DoesNotContain(2, samples[..30_000]);
            for (int c = 0; c < 3; c++)
                Assert.InRange(samples[30_000..].Count(s => s == c) / 30_000.0, 0.32, 0.347);
        }
    }

    [Fact]
    public void DropoutInTrainingDropsAShareAndScalesTheRest()
    {
        var ones = new float[10_000];
        Array.Fill(ones, 3f);
        Attributes seeded = Attributes(("seed", 5L));
        Tensor ratio = Tensor.Scalar(0.25f), on = Tensor.Scalar(true);
        foreach ((string row, Tensor[] y) in RowRunner.Run(Find("Dropout", 13), 13, seeded, 2, Tensor.From(ones, [10_000]), ratio, on))
        {
            int kept = 0;
            for (int i = 0; i < ones.Length; i++)
            {
                bool mask = y[1].AsSpan<bool>()[i];
                kept += mask ? 1 : 0;
                Assert.Equal(mask ? 4f : 0f, y[0].AsSpan<float>()[i]);
            }
            Assert.InRange(kept, 7350, 7650);
        }
        Assert.Throws<OpException>(() => RowRunner.Run(Find("Dropout", 13), 13, seeded, 2, F32(1, 2), Tensor.Scalar(1f), on).ToList());
    }

    private static float[] Draw(string name, Attributes attributes) => RowRunner.Run(Find(name, 22), 22, attributes, 1).First().Outputs[0].AsSpan<float>().ToArray();

    private static System.Collections.Immutable.ImmutableArray<long> Longs(params long[] values) => System.Collections.Immutable.ImmutableArray.Create(values);
}
