using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Each region of interest cut into bins, each bin the mean (or the largest term) of bilinear samples on a regular grid inside it.
/// </summary>
/// <remarks>
/// x [n, c, h, w], rois [r, 4] as x1, y1, x2, y2, images [r] -> y [r, c, outH, outW]. A sample more than one position outside the map counts as zero.
/// With Max the terms are the products of weight and element, as the standard's reference computes them. A region with a coordinate that is not
/// finite, or with bins longer than 2^30, gives zeros. The regions' sizes are computed in the element type, or in float32 for the smaller ones, since the number of samples jumps.
/// </remarks>
internal sealed record RoiAlignProblem : Problem
{
    public const string Name = "roialign";

    public required DType Type { get; init; }

    public required long N { get; init; }

    public required long C { get; init; }

    public required long H { get; init; }

    public required long W { get; init; }

    public required long Rois { get; init; }

    public required long OutH { get; init; }

    public required long OutW { get; init; }

    public bool Max { get; init; }

    /// <summary>Whether positions are those of sample centres, half a sample further in.</summary>
    public bool HalfPixel { get; init; }

    /// <summary>Samples along each side of a bin; 0 for as many as the bin is long, rounded up.</summary>
    public long SamplingRatio { get; init; }

    public float Scale { get; init; } = 1;

    public override ImmutableArray<TensorType> Inputs => [new TensorType(Type, [N, C, H, W]), new TensorType(Type, [Rois, 4]), new TensorType(DType.Int64, [Rois])];

    public override ImmutableArray<TensorType> Outputs => [new TensorType(Type, [Rois, C, OutH, OutW])];

    public override double Flops => 8.0 * Outputs[0].Shape.Count * Math.Max(1, SamplingRatio * SamplingRatio);

    public override string Key => $"{Name}/{Type.ShortName()} n{N} c{C} h{H} w{W} rois{Rois} out{OutH}x{OutW} ratio{SamplingRatio} scale={KeyWords.Real(Scale)}"
        + (Max ? " max" : "") + (HalfPixel ? " half" : "");

    public static RoiAlignProblem? Parse(string key) =>
        KeyWords.Parse(key) is not { Name: Name } words || !words.Type.IsFloat() || words.Int("n") is not (>= 0 and var n) || words.Int("c") is not (>= 0 and var c)
            || words.Int("h") is not (>= 0 and var h) || words.Int("w") is not (>= 0 and var w) || words.Int("rois") is not (>= 0 and var rois)
            || words.Ints("out", 1) is not { Length: 2 } output || words.Int("ratio") is not (>= 0 and <= RoiAlignOp.MostSamples and var ratio) || words.Float("scale") is not { } scale
            ? null : new RoiAlignProblem
            {
                Type = words.Type,
                N = n,
                C = c,
                H = h,
                W = w,
                Rois = rois,
                OutH = output[0],
                OutW = output[1],
                SamplingRatio = ratio,
                Scale = scale,
                Max = words.Has("max"),
                HalfPixel = words.Has("half"),
            };
}

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

/// <summary>One region's bins along one axis.</summary>
/// <param name="Start">Where the region begins, in positions of the map.</param>
/// <param name="Bin">Length of a bin.</param>
/// <param name="Samples">Samples in a bin; none where the region is empty.</param>
internal readonly record struct RoiBins(double Start, double Bin, double Samples)
{
    /// <summary>The longest bin; a region of longer ones gives zeros.</summary>
    public const double LongestBin = 1 << 30;

    public static RoiBins Of(RoiAlignProblem p, double begin, double end, long bins)
    {
        double Rounded(double v) => p.Type == DType.Float64 ? v : (float)v;
        double offset = p.HalfPixel ? 0.5 : 0, start = Rounded(Rounded(begin * p.Scale) - offset), length = Rounded(Rounded(Rounded(end * p.Scale) - offset) - start);
        if (!p.HalfPixel)
            length = Math.Max(length, 1);
        double bin = Rounded(length / bins);
        double samples = p.SamplingRatio > 0 ? p.SamplingRatio : Math.Max(0, Math.Ceiling(bin));
        return double.IsFinite(start) && Math.Abs(bin) <= LongestBin ? new RoiBins(start, bin, samples) : default;
    }

    /// <summary>The position of a sample of a bin.</summary>
    public double At(long bin, double sample) => Start + bin * Bin + (sample + 0.5) * Bin / Samples;

    /// <summary>The samples of a bin that may lie within one position of a map: a range that is not much too long.</summary>
    public (double First, double Last) Range(long bin, long length)
    {
        if (Samples == 0 || Bin == 0)
            return (0, Samples - 1);
        double a = (-1 - Start - bin * Bin) * Samples / Bin - 0.5, b = (length - Start - bin * Bin) * Samples / Bin - 0.5;
        return (Math.Max(0, Math.Floor(Math.Min(a, b)) - 1), Math.Min(Samples - 1, Math.Ceiling(Math.Max(a, b)) + 1));
    }
}
