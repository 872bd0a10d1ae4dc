using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>RoiAlign in double, sample by sample: the definition.</summary>
internal static class RoiAlignOracle
{
    public static OracleResult Evaluate(RoiAlignProblem p, IReadOnlyList<double[]?> inputs)
    {
        double[] x = inputs[0]!, rois = inputs[1]!;
        var values = new double[p.Outputs[0].Shape.Count];
        var sums = new double[values.Length];
        for (long r = 0, at = 0; r < p.Rois; r++)
        {
            var image = (long)inputs[2]![r];
            if (image < 0 || image >= p.N)
                throw new OpException($"batch_indices has {image}, must be between 0 and {p.N - 1}");
            (double Start, double Bin, double Count) h = Region(p, rois[4 * r + 1], rois[4 * r + 3], p.OutH), w = Region(p, rois[4 * r], rois[4 * r + 2], p.OutW);
            double samples = h.Count * w.Count;
            for (long c = 0; c < p.C; c++)
                for (long oh = 0; oh < p.OutH; oh++)
                    for (long ow = 0; ow < p.OutW; ow++, at++)
                    {
                        double sum = 0, size = 0, largest = samples > 0 ? double.NegativeInfinity : 0, largestSize = 0;
                        // Samples far outside change nothing but the count, so a region of any size takes bounded time.
                        for (double i = 0; i < h.Count && samples > 0; i++)
                        {
                            double y = h.Start + oh * h.Bin + (i + 0.5) * h.Bin / h.Count;
                            if (h.Count > 4 * p.H + 64 && Far(y, p.H))
                            {
                                largest = Math.Max(largest, 0);
                                i = Skip(i, y, h.Bin / h.Count, p.H, h.Count);
                                continue;
                            }
                            for (double j = 0; j < w.Count; j++)
                            {
                                double z = w.Start + ow * w.Bin + (j + 0.5) * w.Bin / w.Count;
                                if (w.Count > 4 * p.W + 64 && Far(z, p.W))
                                {
                                    largest = Math.Max(largest, 0);
                                    j = Skip(j, z, w.Bin / w.Count, p.W, w.Count);
                                    continue;
                                }
                                double[] terms = Terms(p, x, (image * p.C + c) * p.H * p.W, y, z);
                                sum += terms.Sum();
                                size += terms.Sum(Math.Abs);
                                largest = terms.Aggregate(largest, (a, b) => double.IsNaN(a) || a > b ? a : b);
                                largestSize = Math.Max(largestSize, terms.Max(Math.Abs));
                            }
                        }
                        values[at] = p.Max ? largest : sum / Math.Max(1, samples);
                        sums[at] = p.Max ? largestSize : size / Math.Max(1, samples);
                    }
        }
        return new OracleResult([values], [sums]);
    }

    private static bool Far(double position, long length) => position < -2 || position > length + 1;

    // The last sample before the map comes near, or the last of all.
    private static double Skip(double i, double position, double step, long length, double count)
    {
        double steps = position < -2 && step > 0 ? (-2 - position) / step : position > length + 1 && step < 0 ? (length + 1 - position) / step : count;
        return Math.Min(count - 1, i + Math.Max(0, Math.Floor(steps) - 1));
    }

    private static (double Start, double Bin, double Count) Region(RoiAlignProblem p, double begin, double end, long bins)
    {
        Func<double, double> round = p.Type == DType.Float64 ? v => v : v => (float)v;
        double shift = p.HalfPixel ? 0.5 : 0, first = round(round(begin * p.Scale) - shift), last = round(round(end * p.Scale) - shift), length = round(last - first);
        if (!p.HalfPixel && length < 1)
            length = 1;
        double bin = round(length / bins);
        if (!double.IsFinite(first) || !(Math.Abs(bin) <= 1 << 30))
            return (0, 0, 0);
        return (first, bin, p.SamplingRatio > 0 ? p.SamplingRatio : Math.Max(0, Math.Ceiling(bin)));
    }

    // The four products of weight and element at a position; zeros outside.
    private static double[] Terms(RoiAlignProblem p, double[] x, long plane, double y, double z)
    {
        if (y < -1 || y > p.H || z < -1 || z > p.W)
            return [0, 0, 0, 0];
        y = Math.Min(Math.Max(y, 0), p.H - 1);
        z = Math.Min(Math.Max(z, 0), p.W - 1);
        long top = (long)Math.Floor(y), left = (long)Math.Floor(z), bottom = Math.Min(top + 1, p.H - 1), right = Math.Min(left + 1, p.W - 1);
        double down = y - top, across = z - left;
        double Term(double weight, long i, long j) => weight == 0 ? 0 : weight * x[plane + i * p.W + j];
        return [Term((1 - down) * (1 - across), top, left), Term((1 - down) * across, top, right), Term(down * (1 - across), bottom, left), Term(down * across, bottom, right)];
    }
}
