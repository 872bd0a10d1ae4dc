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
