using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Operators that read or write at computed places: grids, regions, deformed windows, columns.</summary>
internal static class SamplingOps
{
    public static ImmutableArray<OpDefinition> All { get; } =
    [
        GridSampleOp.Definition,
        AffineGridOp.Definition,
        RoiAlignOp.Definition,
        MaxRoiPoolOp.Definition,
        MaxUnpoolOp.Definition,
        Col2ImOp.Definition,
        DeformConvOp.Definition,
        CenterCropPadOp.Definition,
    ];
}
