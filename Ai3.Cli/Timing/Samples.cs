namespace Ai3.Cli;

/// <summary>Times of repeated runs in nanoseconds.</summary>
internal sealed class Samples
{
    private readonly List<double> _sorted = [];
    private bool _isSorted = true;

    /// <summary>How many there are.</summary>
    public int Count => _sorted.Count;

    public double Min => Quantile(0);

    public double Median => Quantile(0.5);

    public double P95 => Quantile(0.95);

    public double P99 => Quantile(0.99);

    public void Add(double nanoseconds)
    {
        _sorted.Add(nanoseconds);
        _isSorted = false;
    }

    /// <summary>The smallest time that at least a share of all does not exceed (nearest rank).</summary>
    private double Quantile(double share)
    {
        if (!_isSorted)
            _sorted.Sort();
        _isSorted = true;
        return _sorted.Count == 0 ? double.NaN : _sorted[Math.Clamp((int)Math.Ceiling(share * _sorted.Count) - 1, 0, _sorted.Count - 1)];
    }
}
