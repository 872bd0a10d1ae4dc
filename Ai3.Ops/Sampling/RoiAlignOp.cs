using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>RoiAlign: without the half-pixel shift before opset 16, then by attribute.</summary>
internal sealed class RoiAlignOp() : OpDefinition<RoiAlignProblem>(RoiAlign.Rows)
{
    /// <summary>Samples along a side of a bin, the most.</summary>
    public const long MostSamples = 1024;

    public static RoiAlignOp Definition { get; } = new() { Name = "RoiAlign", Since = 10, MinInputs = 3, MaxInputs = 3 };

    public override Oracle<RoiAlignProblem> Oracle => RoiAlignOracle.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        DType type = node.SameType(0, 1);
        TypeSet.Float.Check(node.Tensor(0), 0);
        Template(node);
        (Dim c, Dim rois) = Check(node, node.Tensor(0).Shape, node.Tensor(1).Shape, node.Tensor(2).Shape);
        return [MovementFacts.Output(type, [rois, c, Size(node, "output_height"), Size(node, "output_width")])];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType x = node.Operand(0), rois = node.Operand(1);
        Check(node, x.Shape, rois.Shape, node.Operand(2).Shape);
        return Template(node) with { Type = x.Type, N = x.Shape[0], C = x.Shape[1], H = x.Shape[2], W = x.Shape[3], Rois = rois.Shape[0] };
    }

    public override Problem? ParseProblem(string key) => RoiAlignProblem.Parse(key);

    private static long Size(NodeFacts node, string name)
    {
        long size = node.Attributes.Int(name, 1);
        return size is >= 1 and <= 1 << 20 ? size : throw new OpException($"attribute {name} is {size}, must be between 1 and {1 << 20}");
    }

    private static RoiAlignProblem Template(NodeFacts node)
    {
        long ratio = node.Attributes.Int("sampling_ratio", 0);
        if (ratio is < 0 or > MostSamples)
            throw new OpException($"attribute sampling_ratio is {ratio}, must be between 0 and {MostSamples}");
        float scale = node.Attributes.Float("spatial_scale", 1);
        if (!float.IsFinite(scale))
            throw new OpException($"attribute spatial_scale is {scale}, must be finite");
        if (node.Tensor(2).Type is not (DType.Int64 or DType.Undefined))
            throw new OpException($"batch_indices are {node.Tensor(2).Type.ShortName()}, must be i64");
        return new RoiAlignProblem
        {
            Type = DType.Undefined,
            N = 0,
            C = 0,
            H = 0,
            W = 0,
            Rois = 0,
            OutH = Size(node, "output_height"),
            OutW = Size(node, "output_width"),
            SamplingRatio = ratio,
            Scale = scale,
            Max = node.Attributes.String("mode", "avg") switch
            {
                "avg" => false,
                "max" => true,
                string other => throw new OpException($"mode is {other}, must be avg or max"),
            },
            HalfPixel = node.Opset >= 16 && node.Attributes.String("coordinate_transformation_mode", "half_pixel") switch
            {
                "half_pixel" => true,
                "output_half_pixel" => false,
                string other => throw new OpException($"coordinate_transformation_mode is {other}, must be half_pixel or output_half_pixel"),
            },
        };
    }

    private static (Dim C, Dim Rois) Check(NodeFacts node, SymbolicShape? x, SymbolicShape? rois, SymbolicShape? images)
    {
        if (x is { Rank: not 4 })
            throw new OpException($"input 0 has shape {x}, must have 4 dimensions");
        if (rois is not null && (rois.Rank != 2 || rois[1].IsKnown && !rois[1].Is(4)))
            throw new OpException($"rois have shape {rois}, must be [r, 4]");
        if (images is { Rank: not 1 })
            throw new OpException($"batch_indices have shape {images}, must be a list (rank 1)");
        Dim count = rois is not null && images is not null ? MovementFacts.Merge(rois[0], images[0], "numbers of rois and batch_indices") : rois?[0] ?? images?[0] ?? node.Fresh();
        return (x?[1] ?? node.Fresh(), count);
    }
}
