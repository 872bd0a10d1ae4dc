namespace Ai3.DigitReader;

/// <summary>Trains the network on pictures that it draws itself, each seen once. The result depends on the seed alone.</summary>
internal static class Trainer
{
    /// <summary>The seed of the committed weights.</summary>
    public const ulong Seed = 20260101;

    private const int Steps = 300;
    private const int Shards = 4;
    private const int PicturesPerShard = 5;
    private const float Rate = 4e-3f;

    /// <summary>A trained network.</summary>
    public static Network Train(ulong seed = Seed)
    {
        var random = new SplitMix(seed);
        var network = new Network(random);
        Shard[] shards = [.. Enumerable.Range(0, Shards).Select(_ => new Shard(network))];
        float first = 1, second = 1;
        for (int step = 0; step < Steps; step++)
        {
            foreach (Shard shard in shards)
                shard.Draw(random, step);
            // Shards have a fixed size and are summed in a fixed order: the number of threads does not show in the result.
            Parallel.ForEach(shards, shard => shard.Compute());
            first *= 0.9f;
            second *= 0.999f;
            float rate = Rate * (1 - (float)step / Steps) * MathF.Sqrt(1 - second) / (1 - first);
            for (int p = 0; p < network.Parameters.Length; p++)
                network.Parameters[p].Step(Mean(shards, p), rate);
        }
        return network;
    }

    /// <summary>The share of new pictures that a network reads right.</summary>
    public static double Accuracy(Network network, int pictures, ulong seed)
    {
        var random = new SplitMix(seed);
        int right = 0;
        for (int i = 0; i < pictures; i++)
            right += network.Read(DigitPicture.Draw(i % Network.Classes, random)) == i % Network.Classes ? 1 : 0;
        return (double)right / pictures;
    }

    private static float[] Mean(Shard[] shards, int parameter)
    {
        var sum = new float[shards[0].Gradients[parameter].Length];
        foreach (Shard shard in shards)
            Rows.AddScaled(1f / (Shards * PicturesPerShard), shard.Gradients[parameter], sum);
        return sum;
    }

    /// <summary>A fixed part of a batch.</summary>
    private sealed class Shard(Network network)
    {
        private readonly (int Digit, SplitMix Random)[] _pictures = new (int, SplitMix)[PicturesPerShard];
        private readonly Network.Activations _values = new();

        public float[][] Gradients { get; } = [.. network.Parameters.Select(p => new float[p.Values.Length])];

        public void Draw(SplitMix random, int step)
        {
            for (int i = 0; i < PicturesPerShard; i++)
                _pictures[i] = ((int)(random.Next() * Network.Classes), new SplitMix((ulong)(random.Next() * (1 << 24)) << 20 | (uint)step));
        }

        public void Compute()
        {
            foreach (float[] gradient in Gradients)
                Array.Clear(gradient);
            foreach ((int digit, SplitMix random) in _pictures)
                network.AddGradient(DigitPicture.Draw(digit, random), digit, _values, Gradients);
        }
    }
}
