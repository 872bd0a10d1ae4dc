using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>MaxRoiPool.</summary>
internal sealed class MaxRoiPoolOp() : OpDefinition<MaxRoiPoolProblem>(MaxRoiPool.Rows)
{
    public static MaxRoiPoolOp Definition { get; } = new() { Name = "MaxRoiPool", MinInputs = 2, MaxInputs = 2 };

    public override Oracle<MaxRoiPoolProblem> Oracle => MaxRoiPool.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        DType type = node.SameType(0, 1);
        TypeSet.Float.Check(node.Tensor(0), 0);
        (long h, long w) = Size(node);
        Scale(node);
        SymbolicShape? x = node.Tensor(0).Shape, rois = node.Tensor(1).Shape;
        Check(x, rois);
        return [MovementFacts.Output(type, [rois?[0] ?? node.Fresh(), x?[1] ?? node.Fresh(), h, w])];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType x = node.Operand(0), rois = node.Operand(1);
        Check(x.Shape, rois.Shape);
        (long h, long w) = Size(node);
        return new MaxRoiPoolProblem
        {
            Type = x.Type,
            N = x.Shape[0],
            C = x.Shape[1],
            H = x.Shape[2],
            W = x.Shape[3],
            Rois = rois.Shape[0],
            OutH = h,
            OutW = w,
            Scale = Scale(node),
        };
    }

    public override Problem? ParseProblem(string key) => MaxRoiPoolProblem.Parse(key);

    private static void Check(SymbolicShape? x, SymbolicShape? rois)
    {
        if (x is { Rank: not 4 })
            throw new OpException($"input 0 has shape {x}, must have 4 dimensions");
        if (rois is not null && (rois.Rank != 2 || rois[1].IsKnown && !rois[1].Is(5)))
            throw new OpException($"rois have shape {rois}, must be [r, 5]");
    }

    private static (long H, long W) Size(NodeFacts node)
    {
        ImmutableArray<long> size = node.Attributes.Ints("pooled_shape");
        return !size.IsDefault && size.Length == 2 && size.All(s => s is >= 1 and <= 1 << 20) ? (size[0], size[1])
            : throw new OpException($"attribute pooled_shape must have a height and a width between 1 and {1 << 20}");
    }

    private static float Scale(NodeFacts node)
    {
        float scale = node.Attributes.Float("spatial_scale", 1);
        return float.IsFinite(scale) ? scale : throw new OpException($"attribute spatial_scale is {scale}, must be finite");
    }
}
