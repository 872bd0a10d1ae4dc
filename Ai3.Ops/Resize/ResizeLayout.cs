using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The axes of a resize in storage order, and which layouts leave channels alone.</summary>
internal static class ResizeLayout
{
    /// <summary>The axes as stored; in NCHWc the blocks of channels are axis 1 and the channels of a block the last.</summary>
    public static ImmutableArray<ResizeAxis> Stored(ResizeProblem problem, Format format)
    {
        if (format.Kind != FormatKind.Blocked)
            return problem.Axes;
        long blocks = ShapeMath.CeilDiv(problem.Axes[1].In, format.Block);
        return [.. problem.Axes.SetItem(1, new ResizeAxis(blocks, blocks)), new ResizeAxis(format.Block, format.Block)];
    }

    /// <summary>Row-major, and NCHWc where channels stay apart and padding stays zero.</summary>
    public static ImmutableArray<FormatChoice> Formats(ResizeProblem problem, Target target)
    {
        bool blocks = problem.Type == DType.Float32 && problem.Axes.Length > 2 && problem.Axes[1].IsIdentity
            && problem.Coordinates != ResizeCoordinates.TfCropAndResize;
        return blocks ? [FormatChoice.Plain, FormatChoice.Uniform(Format.Blocked(target.ChannelBlock), 1)] : FormatChoice.PlainOnly;
    }

    /// <summary>Whether every length fits the index tables.</summary>
    public static Applicability FitsTables(ResizeProblem problem) =>
        Applicability.If(problem.Axes.All(a => a.In < int.MaxValue && a.Out < int.MaxValue && a.Out * problem.TapsOf(a) < int.MaxValue), "an axis is too long for tables of 2^31 taps");
}
