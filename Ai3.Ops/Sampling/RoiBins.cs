using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>One region's bins along one axis.</summary>
/// <param name="Start">Where the region begins, in positions of the map.</param>
/// <param name="Bin">Length of a bin.</param>
/// <param name="Samples">Samples in a bin; none where the region is empty.</param>
internal readonly record struct RoiBins(double Start, double Bin, double Samples)
{
    /// <summary>The longest bin; a region of longer ones gives zeros.</summary>
    public const double LongestBin = 1 << 30;

    public static RoiBins Of(RoiAlignProblem p, double begin, double end, long bins)
    {
        double Rounded(double v) => p.Type == DType.Float64 ? v : (float)v;
        double offset = p.HalfPixel ? 0.5 : 0, start = Rounded(Rounded(begin * p.Scale) - offset), length = Rounded(Rounded(Rounded(end * p.Scale) - offset) - start);
        if (!p.HalfPixel)
            length = Math.Max(length, 1);
        double bin = Rounded(length / bins);
        double samples = p.SamplingRatio > 0 ? p.SamplingRatio : Math.Max(0, Math.Ceiling(bin));
        return double.IsFinite(start) && Math.Abs(bin) <= LongestBin ? new RoiBins(start, bin, samples) : default;
    }

    /// <summary>The position of a sample of a bin.</summary>
    public double At(long bin, double sample) => Start + bin * Bin + (sample + 0.5) * Bin / Samples;

    /// <summary>The samples of a bin that may lie within one position of a map: a range that is not much too long.</summary>
    public (double First, double Last) Range(long bin, long length)
    {
        if (Samples == 0 || Bin == 0)
            return (0, Samples - 1);
        double a = (-1 - Start - bin * Bin) * Samples / Bin - 0.5, b = (length - Start - bin * Bin) * Samples / Bin - 0.5;
        return (Math.Max(0, Math.Floor(Math.Min(a, b)) - 1), Math.Min(Samples - 1, Math.Ceiling(Math.Max(a, b)) + 1));
    }
}
