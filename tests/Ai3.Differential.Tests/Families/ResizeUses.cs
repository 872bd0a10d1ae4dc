using Ai3.Tensors;
using static Ai3.Differential.Tests.Content;

namespace Ai3.Differential.Tests;

/// <summary>Operators that sample images between their pixels.</summary>
internal static class ResizeUses
{
    // Coordinates are rounded in float32: a place on an axis of 20 is off by a few 1e-6, and so is the weight of a neighbour.
    private static readonly Tolerance s_sampled = Tolerance.By(static _ => 2e-4);

    public static IEnumerable<OperatorUses> All =>
    [
        new("Resize", s_sampled, Resize, Since: 10),
        new("Upsample", s_sampled, Upsample, Since: 7, Until: 9),
        new("GridSample", s_sampled, GridSample, Since: 16),
        new("AffineGrid", Tolerance.By(static _ => 1e-5), AffineGrid, Since: 20),
        new("RoiAlign", s_sampled, RoiAlign, Since: 10),
        new("MaxRoiPool", Tolerance.Exact, MaxRoiPool),
        new("MaxUnpool", Tolerance.Exact, MaxUnpool, Since: 9),
        new("Col2Im", Tolerance.Roundings(40, 80), Col2Im, Since: 18),
        new("DeformConv", s_sampled, DeformConv, Since: 19),
        new("CenterCropPad", Tolerance.Exact, CenterCropPad, Since: 18),
    ];

    private static long[] Image(UseBuilder u) => [u.Draw.Between(1, 2), u.Draw.Between(1, 3), u.Draw.Between(1, 12), u.Draw.Between(1, 12)];

    // Quarters, so that coordinates are exact and places between two pixels are the same ones on both sides.
    private static double[] Scales(UseBuilder u) => [1, 1, u.Draw.Pick(1, 2, 0.5, 1.5, 3, 0.25), u.Draw.Pick(1, 2, 0.5, 1.5, 4, 0.75)];

    private static void Upsample(UseBuilder u)
    {
        u.With("mode", u.Draw.Pick("nearest", "linear"));
        double[] scales = [1, 1, u.Draw.Between(1, 4), u.Draw.Between(1, 4)];
        u.In(u.Data(DType.Float32, Image(u)));
        if (u.Opset < 9)
            u.With("scales", Array.ConvertAll(scales, s => (float)s));
        else
            u.Const(Elements.Of(DType.Float32, [4], scales));
    }

    private static void Resize(UseBuilder u)
    {
        long[] shape = Image(u);
        double[] scales = Scales(u);
        u.In(u.Data(u.Draw.Pick(DType.Float32, DType.Float32, DType.UInt8), shape));
        if (u.Opset < 11)
        {
            u.With("mode", u.Draw.Pick("nearest", "linear")).Const(Elements.Of(DType.Float32, [4], scales));
            return;
        }
        string mode = u.Draw.Pick("nearest", "linear", "cubic");
        u.With("mode", mode).With("coordinate_transformation_mode", u.Draw.Pick("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel", u.Opset >= 19 ? "half_pixel_symmetric" : "asymmetric"));
        if (mode == "nearest")
            u.Maybe("nearest_mode", () => u.Draw.Pick("round_prefer_floor", "floor", "ceil", "round_prefer_ceil"));
        if (mode == "cubic")
            u.Maybe("cubic_coeff_a", () => -0.5).Maybe("exclude_outside", () => u.Draw.Below(2));
        if (u.Opset >= 18 && mode != "nearest")
            u.Maybe("antialias", () => u.Draw.Below(2));
        if (u.Opset < 13)
            u.Const(Tensor.Zeros(DType.Float32, [0]));
        else
            u.Skip();
        if (u.Draw.OnceIn(2))
            u.Const(Elements.Of(DType.Float32, [4], scales));
        else if (u.Opset < 13)
            u.Const(Tensor.Zeros(DType.Float32, [0])).Const(Sizes(u, shape));
        else
            u.Skip().Const(Sizes(u, shape));
    }

    private static Tensor Sizes(UseBuilder u, long[] shape) => Elements.List(shape[0], shape[1], u.Draw.Between(1, 20), u.Draw.Between(1, 20));

    private static void GridSample(UseBuilder u)
    {
        string linear = u.Opset >= 20 ? "linear" : "bilinear", cubic = u.Opset >= 20 ? "cubic" : "bicubic";
        long[] shape = Image(u);
        u.With("mode", u.Draw.Pick(linear, "nearest", cubic)).With("padding_mode", u.Draw.Pick("zeros", "border", "reflection")).Flag("align_corners");
        u.In(u.Data(DType.Float32, shape)).In(u.Data(DType.Float32, [shape[0], u.Draw.Dim(9), u.Draw.Dim(9), 2], Unit, Small));
    }

    private static void AffineGrid(UseBuilder u)
    {
        long n = u.Draw.Between(1, 2);
        bool volume = u.Draw.OnceIn(3);
        u.Flag("align_corners").In(u.Data(DType.Float32, volume ? [n, 3, 4] : [n, 2, 3]))
            .Const(volume ? Elements.List(n, 1, u.Draw.Between(2, 4), u.Draw.Between(2, 5), u.Draw.Between(2, 5)) : Elements.List(n, 1, u.Draw.Between(2, 9), u.Draw.Between(2, 9)));
    }

    private static void RoiAlign(UseBuilder u)
    {
        long[] shape = Image(u);
        long rois = u.Draw.Between(1, 4);
        u.With("output_height", u.Draw.Between(1, 4)).With("output_width", u.Draw.Between(1, 4)).Maybe("sampling_ratio", () => u.Draw.Between(0, 3))
            .Maybe("spatial_scale", () => 0.5).Maybe("mode", () => u.Draw.Pick("avg", "max"));
        if (u.Opset >= 16)
            u.Maybe("coordinate_transformation_mode", () => u.Draw.Pick("half_pixel", "output_half_pixel"));
        u.In(u.Data(DType.Float32, shape)).In(Boxes(u, rois, 0)).In(u.Indices(DType.Int64, [rois], shape[0], negative: false));
    }

    private static void MaxRoiPool(UseBuilder u)
    {
        long[] shape = Image(u);
        u.With("pooled_shape", new long[] { u.Draw.Between(1, 4), u.Draw.Between(1, 4) }).Maybe("spatial_scale", () => 0.5);
        u.In(u.Data(DType.Float32, shape)).In(Boxes(u, u.Draw.Between(1, 4), (int)shape[0]));
    }

    // Corners in order; with a batch index in front where there are batches to tell apart.
    private static Tensor Boxes(UseBuilder u, long count, int batches)
    {
        var random = new Ai3.Testing.TestRandom((ulong)u.Draw.Below(1 << 20));
        var values = new List<double>();
        for (int i = 0; i < count; i++)
        {
            double x = random.Between(0, 8), y = random.Between(0, 8);
            if (batches > 0)
                values.Add(random.Below(batches));
            double fraction = batches > 0 ? 0 : 0.25;
            values.AddRange([x + fraction, y + fraction, x + random.Between(1, 6), y + random.Between(1, 6)]);
        }
        return Elements.Of(DType.Float32, [count, batches > 0 ? 5 : 4], [.. values]);
    }

    private static void MaxUnpool(UseBuilder u)
    {
        long[] shape = [u.Draw.Between(1, 2), u.Draw.Between(1, 3), u.Draw.Between(1, 6), u.Draw.Between(1, 6)];
        u.With("kernel_shape", new long[] { 2, 2 }).With("strides", new long[] { 2, 2 });
        long width = shape[3] * 2, plane = shape[2] * 2 * width;
        // Where a pooling of disjoint windows would have found them: no two meet.
        Tensor indices = Elements.Of(DType.Int64, shape, [.. Enumerable.Range(0, (int)ShapeMath.Product(shape)).Select(i =>
        {
            long p = i / (shape[2] * shape[3]), y = i / shape[3] % shape[2], x = i % shape[3];
            return (double)(p * plane + (2 * y + i % 2) * width + 2 * x);
        })]);
        u.In(u.Data(DType.Float32, shape)).In(indices);
    }

    private static void Col2Im(UseBuilder u)
    {
        long kernel = u.Draw.Between(1, 3), side = kernel + u.Draw.Between(0, 5), windows = side - kernel + 1, channels = u.Draw.Between(1, 3);
        u.In(u.Data(DType.Float32, [u.Draw.Between(1, 2), channels * kernel * kernel, windows * windows])).Const(Elements.List(side, side)).Const(Elements.List(kernel, kernel));
    }

    private static void DeformConv(UseBuilder u)
    {
        long batch = u.Draw.Between(1, 2), channels = u.Draw.Between(1, 4), side = u.Draw.Between(3, 8), outSide = side - 2, m = u.Draw.Between(1, 4);
        u.In(u.Data(DType.Float32, [batch, channels, side, side])).Const(u.Data(DType.Float32, [m, channels, 3, 3], Unit));
        u.In(u.Data(DType.Float32, [batch, 18, outSide, outSide], Unit));
        if (u.Draw.OnceIn(2))
            u.Const(u.Data(DType.Float32, [m]));
        else
            u.Skip();
        if (u.Draw.OnceIn(2))
            u.In(u.Data(DType.Float32, [batch, 9, outSide, outSide], Positive));
    }

    private static void CenterCropPad(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1, zero: false);
        long[] axes = u.Draw.Axes(shape.Length, u.Draw.Between(1, shape.Length));
        bool given = u.Draw.OnceIn(2);
        if (given)
            u.With("axes", axes);
        u.In(u.Data(u.Draw.Pick(DType.Float32, DType.Int64, DType.Float64), shape)).Const(Elements.List([.. (given ? axes : shape).Select(_ => (long)u.Draw.Between(1, 20))]));
    }
}
