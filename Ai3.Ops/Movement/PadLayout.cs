using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>One axis of a padded tensor: where each output coordinate comes from.</summary>
/// <param name="Input">The input's extent.</param>
/// <param name="Output">The output's extent.</param>
/// <param name="First">The first input coordinate that is kept.</param>
/// <param name="Kept">How many are kept.</param>
/// <param name="Before">Output coordinates in front of them.</param>
internal readonly record struct PadAxis(long Input, long Output, long First, long Kept, long Before)
{
    public static PadAxis Of(long extent, long begin, long end)
    {
        long first = Math.Max(0, -begin);
        return new PadAxis(extent, extent + begin + end, first, extent - first - Math.Max(0, -end), Math.Max(0, begin));
    }

    /// <summary>True if the axis is as it was.</summary>
    public bool IsWhole => Input == Output && Kept == Input;

    /// <summary>The input coordinate of an output coordinate, or -1 for the constant.</summary>
    public long Source(long output, PadMode mode)
    {
        long i = output - Before;
        if ((ulong)i < (ulong)Kept)
            return First + i;
        switch (mode)
        {
            case PadMode.Constant:
                return -1;
            case PadMode.Edge:
                return First + (i < 0 ? 0 : Kept - 1);
            case PadMode.Wrap:
                return First + Modulo(i, Kept);
            default:
                if (Kept == 1)
                    return First;
                long period = 2 * (Kept - 1), phase = Modulo(i, period);
                return First + (phase < Kept ? phase : period - phase);
        }
    }

    private static long Modulo(long a, long n)
    {
        long rest = a % n;
        return rest < 0 ? rest + n : rest;
    }
}

/// <summary>The axes of a padded tensor, neighbours that are not padded merged; one at least.</summary>
internal sealed class PadLayout
{
    /// <summary>The most axes a driver keeps coordinates for.</summary>
    public const int MaxRank = 16;

    private PadLayout(PadAxis[] axes)
    {
        Axes = axes;
        InputStrides = ShapeMath.RowMajorStrides([.. axes.Select(a => a.Input)]);
    }

    public PadAxis[] Axes { get; }

    public long[] InputStrides { get; }

    public static PadLayout Of(PadProblem p)
    {
        var axes = new List<PadAxis>();
        for (int i = 0; i < p.Begin.Length; i++)
        {
            PadAxis axis = PadAxis.Of(p.Data.Shape[i], p.Begin[i], p.End[i]);
            if (axis.IsWhole && axes.Count > 0 && axes[^1].IsWhole)
                axes[^1] = PadAxis.Of(axes[^1].Input * axis.Input, 0, 0);
            else
                axes.Add(axis);
        }
        if (axes.Count == 0)
            axes.Add(PadAxis.Of(1, 0, 0));
        return new PadLayout([.. axes]);
    }
}
