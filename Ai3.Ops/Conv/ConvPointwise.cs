using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>A convolution of one tap, stride 1 and no pads: a matrix product over pixels with the image as it lies.</summary>
/// <remarks>
/// Plain: Y [M/G, P] = W [M/G, C/G] X [C/G, P], panels of X packed some at a time into the workspace, W read in place. Blocked: pixels are the
/// rows of the tile kernel and two vectors of output channels its columns; x [n][C/c][P][c] is read in place, y [n][M/c][P][c], weights packed
/// (<see cref="NchwcWeights"/>); loops: unit (image, group, tiles of output channels, block of pixels), chunk of input channels, tile of
/// output channels, line of pixels. Registers: those of <see cref="Tile"/>.
/// </remarks>
internal static class ConvPointwise
{
    public static Algorithm<ConvProblem> Row { get; } = new()
    {
        Name = "pointwise",
        Source = "matrix product over pixels",
        Needs = "1x1 kernel, stride 1, no pads",
        Workspace = "plain: a group of packed panels a thread; blocked: packed weights if they are not constant",
        Layouts = "plain, blocked",
        Supports = Supports,
        Formats = Formats,
        Fuses = static (_, _) => FusedParts.AnyActivation | FusedParts.Residual,
        WorkspaceBytes = static r => IsBlocked(r) ? ConvPointwiseNchwc.WorkspaceBytes(r) : ConvPanelKernel.WorkspaceBytes(r),
        PackedBytes = static r => IsBlocked(r) ? ConvPointwiseNchwc.PackedBytes(r) : 0,
        CostHint = static r => IsBlocked(r) ? ConvPointwiseNchwc.CostHint(r) : ConvGemmPlan.Cost(r, 0.15, 0),
        Error = static (p, t) => ErrorBound.PerElement(ConvRows.Chain(p.Depth) + 3 + ShapeMath.CeilDiv(p.Depth, t.ChannelBlock)),
        PackKey = static r => IsBlocked(r) && r.Problem.HasConstantWeights ? ConvPointwiseNchwc.PackKey(r) : null,
        Pack = static (r, constants) => ConvPointwiseNchwc.Pack(r, constants[1]!),
        Bind = static (r, packed) => IsBlocked(r) ? ConvPointwiseNchwc.Bind(r, packed) : ConvPointwisePlain.Bind(r),
    };

    private static bool IsBlocked(Request<ConvProblem> r) => r.Formats.Input(0).Kind == FormatKind.Blocked;

    public static Applicability Supports(ConvProblem p, Target target) =>
        p.IsPointwise ? ConvGemmPlan.Supports(p) : Applicability.No($"{p.Key.Split(' ')[5]} with strides or pads, needs one tap, stride 1, no pads");

    private static ImmutableArray<FormatChoice> Formats(ConvProblem p, Target target)
    {
        FormatChoice plain = ConvFormats.Of(p, Format.Plain, Format.Plain);
        return ConvRows.WholeBlocks(p, target).IsYes ? [.. ConvFormats.BlockedOnly(p, target), plain] : [plain];
    }
}
