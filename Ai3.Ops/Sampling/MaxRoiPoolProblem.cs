using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Each region of interest, rounded to whole elements, cut into bins, each bin the largest element in it, 0 if it has none.
/// </summary>
/// <remarks>x [n, c, h, w], rois [r, 5] as image, x1, y1, x2, y2 -> y [r, c, outH, outW]. Girshick 2015, arXiv:1504.08083.</remarks>
internal sealed record MaxRoiPoolProblem : Problem
{
    public const string Name = "maxroipool";

    public required DType Type { get; init; }

    public required long N { get; init; }

    public required long C { get; init; }

    public required long H { get; init; }

    public required long W { get; init; }

    public required long Rois { get; init; }

    public required long OutH { get; init; }

    public required long OutW { get; init; }

    public float Scale { get; init; } = 1;

    public override ImmutableArray<TensorType> Inputs => [new TensorType(Type, [N, C, H, W]), new TensorType(Type, [Rois, 5])];

    public override ImmutableArray<TensorType> Outputs => [new TensorType(Type, [Rois, C, OutH, OutW])];

    public override string Key => $"{Name}/{Type.ShortName()} n{N} c{C} h{H} w{W} rois{Rois} out{OutH}x{OutW} scale={KeyWords.Real(Scale)}";

    public static MaxRoiPoolProblem? Parse(string key) =>
        KeyWords.Parse(key) is not { Name: Name } words || !words.Type.IsFloat() || words.Int("n") is not (>= 0 and var n) || words.Int("c") is not (>= 0 and var c)
            || words.Int("h") is not (>= 0 and var h) || words.Int("w") is not (>= 0 and var w) || words.Int("rois") is not (>= 0 and var rois)
            || words.Ints("out", 1) is not { Length: 2 } output || words.Float("scale") is not { } scale
            ? null : new MaxRoiPoolProblem { Type = words.Type, N = n, C = c, H = h, W = w, Rois = rois, OutH = output[0], OutW = output[1], Scale = scale };
}
