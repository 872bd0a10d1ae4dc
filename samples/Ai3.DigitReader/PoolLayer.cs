namespace Ai3.DigitReader;

/// <summary>The largest of each 2 x 2 square.</summary>
/// <param name="channels">Channels.</param>
/// <param name="size">Height and width of the input, even.</param>
internal sealed class PoolLayer(int channels, int size)
{
    private readonly int _half = size / 2;

    /// <summary>Fills y [channels, size/2, size/2] from x [channels, size, size].</summary>
    public void Forward(ReadOnlySpan<float> x, Span<float> y)
    {
        for (int i = 0; i < y.Length; i++)
            y[i] = x[Largest(x, i)];
    }

    /// <summary>Fills dx from dy: each gradient goes to the first largest element.</summary>
    public void Backward(ReadOnlySpan<float> x, ReadOnlySpan<float> dy, Span<float> dx)
    {
        dx.Clear();
        for (int i = 0; i < channels * _half * _half; i++)
            dx[Largest(x, i)] += dy[i];
    }

    private int Largest(ReadOnlySpan<float> x, int i)
    {
        // i / half counts output rows over all channels; each stands for two input rows.
        int corner = (i / _half * size + i % _half) * 2;
        int best = corner;
        foreach (int at in (ReadOnlySpan<int>)[corner + 1, corner + size, corner + size + 1])
            if (x[at] > x[best])
                best = at;
        return best;
    }
}
