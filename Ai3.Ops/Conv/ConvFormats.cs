using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The layouts of convolution rows.</summary>
internal static class ConvFormats
{
    /// <summary>x in one format, y (and a residual) in another; weights, bias and vectors plain.</summary>
    public static FormatChoice Of(ConvProblem p, Format input, Format output) =>
        new(p.Fusion.Residual ? [input, Format.Plain, Format.Plain, output] : [input], [output]);

    /// <summary>x and y in the target's channel blocks.</summary>
    public static ImmutableArray<FormatChoice> BlockedOnly(ConvProblem p, Target target)
    {
        var blocked = Format.Blocked(target.ChannelBlock);
        return [Of(p, blocked, blocked)];
    }
}
