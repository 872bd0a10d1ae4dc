using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>What the float32 rows have in common: limits and the cost model.</summary>
internal static class ConvRows
{
    // Room for sums of two axis numbers and for one vector past the end of a row.
    private const long AxisLimit = int.MaxValue / 4;

    /// <summary>float32, and every axis number in 29 bits.</summary>
    public static Applicability Common(ConvProblem p)
    {
        if (p.Type != DType.Float32)
            return Applicability.No($"element type is {p.Type.ShortName()}, needs f32");
        foreach (ConvAxis a in (ReadOnlySpan<ConvAxis>)[p.D, p.H, p.W])
            if (a.Padded > AxisLimit || a.Extent > AxisLimit || a.Stride > AxisLimit || a.Out > AxisLimit)
                return Applicability.No($"an axis number is larger than {AxisLimit}");
        if (p.N > AxisLimit || p.InChannels > AxisLimit || p.OutChannels > AxisLimit
            || (double)p.N * p.OutChannels * p.D.Out * p.H.Out > AxisLimit)
            return Applicability.No($"more than {AxisLimit} output rows");
        return Applicability.Yes;
    }

    /// <summary>One group, or groups whose channels fill whole blocks.</summary>
    public static Applicability WholeBlocks(ConvProblem p, Target target) => Applicability.If(
        p.Group == 1 || p.GroupInChannels % target.ChannelBlock == 0 && p.GroupOutChannels % target.ChannelBlock == 0,
        $"groups of {p.GroupInChannels} to {p.GroupOutChannels} channels, needs multiples of {target.ChannelBlock} or one group");

    /// <summary>
    /// Nanoseconds: arithmetic at a fraction of peak on all threads, bytes moved at memory speed on one, and a fixed start.
    /// </summary>
    /// <param name="r">The request.</param>
    /// <param name="flops">Operations that the algorithm does.</param>
    /// <param name="efficiency">The measured fraction of peak.</param>
    /// <param name="bytes">Bytes read and written beside the operands.</param>
    public static double Cost(Request<ConvProblem> r, double flops, double efficiency, double bytes) =>
        300 + flops / (PeakOf(r.Target) * efficiency * r.Target.Threads)
        + (0.25 * r.Problem.Traffic + bytes) / (2 * r.Target.BytesPerNanosecond);

    // With 512-bit units and the operands of a tile in registers, twice the common assumption.
    private static double PeakOf(Target target) => target.FlopsPerNanosecond * (target.Isa == IsaLevel.Avx512 ? 2 : 1);

    /// <summary>Links of the longest rounding chain of a sum of <paramref name="depth"/> products with bias, residual and unfused products.</summary>
    public static double Chain(double depth) => depth + 3;
}
