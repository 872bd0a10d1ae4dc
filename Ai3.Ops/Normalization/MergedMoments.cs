namespace Ai3.Ops;

/// <summary>
/// Mean and sum of squares about it of blocks taken together, in double: with d the difference of the means, mean += d m / (n + m) and
/// squares += squares' + d^2 n m / (n + m). Only positive numbers are added, so nothing cancels. Chan, Golub and LeVeque 1979.
/// </summary>
internal struct MergedMoments
{
    private double _count;
    private double _mean;
    private double _sum;

    /// <summary>Takes in a block of n elements.</summary>
    public void Add(double n, double mean, double sum)
    {
        double both = _count + n, difference = mean - _mean;
        _mean += difference * (n / both);
        _sum += sum + difference * difference * (_count * n / both);
        _count = both;
    }

    /// <summary>Mean and sum; NaN of nothing.</summary>
    public readonly (double Mean, double Sum) Result(out double total)
    {
        total = _mean * _count;
        return _count > 0 ? (_mean, _sum) : (double.NaN, double.NaN);
    }
}
