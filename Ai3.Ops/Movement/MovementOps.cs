using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>The operators that move elements without computing with them, and those that make tensors from nothing.</summary>
internal static class MovementOps
{
    public static ImmutableArray<OpDefinition> All { get; } =
    [
        ReshapeOp.V1, ReshapeOp.V5, FlattenOp.V1, SqueezeOp.V1, SqueezeOp.V13, UnsqueezeOp.V1, UnsqueezeOp.V13,
        ConcatOp.V1, SplitOp.V1, TransposeOp.V1, SliceOp.V1, SliceOp.V10, ExpandOp.V8, TileOp.V1, TileOp.V6, DepthToSpaceOp.V1, SpaceToDepthOp.V1, CropOp.V1,
        GatherOp.V1, GatherElementsOp.V11, GatherNDOp.V11, ScatterOp.ScatterV9, ScatterOp.ElementsV11, ScatterOp.NDV11,
        PadOp.V1, PadOp.V11, ShapeOp.V1, SizeOp.V1, ConstantOp.V1, ConstantOfShapeOp.V9,
        RangeOp.V11, OneHotOp.V9, TriluOp.V14, EyeLikeOp.V9, ReverseSequenceOp.V10,
        ExpandDimsOp.Definition,
        UnfoldTensorOp.Definition,
    ];
}
