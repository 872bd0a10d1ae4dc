using Ai3.Tensors;
using static Ai3.Differential.Tests.Content;

namespace Ai3.Differential.Tests;

/// <summary>Operators that move elements or make tensors from shapes.</summary>
internal static class MovementUses
{
    public static IEnumerable<OperatorUses> All =>
    [
        new("Reshape", Tolerance.Exact, Reshape),
        new("Flatten", Tolerance.Exact, Flatten),
        new("Squeeze", Tolerance.Exact, Squeeze),
        new("Unsqueeze", Tolerance.Exact, Unsqueeze),
        new("Concat", Tolerance.Exact, Concat),
        new("Split", Tolerance.Exact, Split),
        new("Transpose", Tolerance.Exact, Transpose),
        new("Slice", Tolerance.Exact, Slice),
        new("Expand", Tolerance.Exact, Expand, Since: 8),
        new("Tile", Tolerance.Exact, Tile),
        new("DepthToSpace", Tolerance.Exact, DepthToSpace),
        new("SpaceToDepth", Tolerance.Exact, SpaceToDepth),
        new("Pad", Tolerance.Exact, Pad),
        new("Shape", Tolerance.Exact, Shape),
        new("Size", Tolerance.Exact, u => u.In(u.Data(u.Draw.Pick(Types.Any), u.Draw.Shape()))),
        new("Constant", Tolerance.Exact, Constant),
        new("ConstantOfShape", Tolerance.Exact, ConstantOfShape, Since: 9),
        new("Range", Tolerance.Roundings(4, 40), Range, Since: 11),
        new("Trilu", Tolerance.Exact, Trilu, Since: 14),
        new("EyeLike", Tolerance.Exact, EyeLike, Since: 9),
        new("ReverseSequence", Tolerance.Exact, ReverseSequence, Since: 10),
    ];

    private static Tensor Any(UseBuilder u, long[] shape) => u.Data(u.Draw.Pick(Types.Any), shape, Small, Specials);

    private static void Reshape(UseBuilder u)
    {
        long[] shape = u.Draw.Shape();
        u.In(Any(u, shape));
        // The dimensions in pieces: neighbours merged, ones put in; then one of them as -1, some as 0.
        var target = new List<long>();
        foreach (long dim in shape)
            if (target.Count > 0 && u.Draw.OnceIn(3))
                target[^1] *= dim;
            else
                target.Add(dim);
        if (u.Draw.OnceIn(3))
            target.Insert(u.Draw.Between(0, target.Count), 1);
        bool allowZero = u.Opset >= 14 && u.Draw.OnceIn(3);
        if (allowZero)
            u.With("allowzero", 1);
        for (int i = 0; i < target.Count && i < shape.Length; i++)
            if (target[i] == shape[i] && !allowZero && u.Draw.OnceIn(3))
                target[i] = 0;
        if (target.Count > 0 && !target.Where((d, i) => d == 0 && (allowZero || i >= shape.Length || shape[i] == 0)).Any() && u.Draw.OnceIn(2))
            target[u.Draw.Below(target.Count)] = -1;
        u.Const(Elements.List([.. target]));
    }

    private static void Flatten(UseBuilder u)
    {
        long[] shape = u.Draw.Shape();
        u.Maybe("axis", () => u.Draw.Between(u.Opset >= 11 ? -shape.Length : 0, shape.Length)).In(Any(u, shape));
    }

    private static void Squeeze(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1);
        int[] places = [.. Enumerable.Range(0, shape.Length).Where(_ => u.Draw.OnceIn(2))];
        foreach (int place in places)
            shape[place] = 1;
        u.In(Any(u, shape));
        if (places.Length > 0 && u.Draw.OnceIn(2))
            AxesInput(u, [.. places.Select(p => (long)p)], shape.Length, 13);
    }

    private static void Unsqueeze(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(0, 3);
        int count = u.Draw.Between(1, 2);
        u.In(Any(u, shape));
        AxesInput(u, [.. u.Draw.Axes(shape.Length + count, count).Select(a => a < 0 ? a + shape.Length + count : a)], shape.Length + count, 13);
    }

    // Axes are an attribute before a version, then an input; negative ones from 11 on.
    private static void AxesInput(UseBuilder u, long[] axes, int rank, int inputSince)
    {
        if (u.Opset >= 11 && u.Draw.OnceIn(3))
            axes = [.. axes.Select(a => a - rank)];
        if (u.Opset >= inputSince)
            u.Const(Elements.List(axes));
        else
            u.With("axes", axes);
    }

    private static void Concat(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1);
        DType type = u.Draw.Pick(Types.Any);
        int axis = u.Draw.Below(shape.Length);
        u.With("axis", u.Opset >= 11 && u.Draw.OnceIn(3) ? axis - shape.Length : axis);
        for (int i = u.Draw.Between(1, 4); i > 0; i--)
        {
            u.In(u.Data(type, [.. shape], Small, Specials));
            shape[axis] = u.Draw.DimOrZero(20);
        }
    }

    private static void Split(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1);
        int axis = u.Draw.Below(shape.Length), parts = u.Draw.Between(1, 4);
        u.With("axis", u.Opset >= 11 && u.Draw.OnceIn(3) ? axis - shape.Length : axis).Outputs(parts);
        bool uneven = u.Draw.OnceIn(2);
        long[] sizes = [.. Enumerable.Range(0, parts).Select(_ => u.Draw.DimOrZero(12))];
        shape[axis] = uneven ? sizes.Sum() : u.Opset >= 18 ? Math.Max(parts, shape[axis]) : parts * sizes[0];
        u.In(Any(u, shape));
        if (uneven && u.Opset >= 13)
            u.Const(Elements.List(sizes));
        else if (uneven)
            u.With("split", sizes);
        else if (u.Opset >= 18)
            u.With("num_outputs", parts);
    }

    private static void Transpose(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(0, 5);
        u.Maybe("perm", () => u.Draw.Axes(shape.Length, shape.Length).Select(a => a < 0 ? a + shape.Length : a).ToArray()).In(Any(u, shape));
    }

    private static void Slice(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1);
        int count = u.Draw.Between(1, shape.Length);
        bool given = u.Draw.OnceIn(2);
        long[] axes = given ? u.Draw.Axes(shape.Length, count) : [.. Enumerable.Range(0, count).Select(i => (long)i)];
        if (u.Opset < 10)
            axes = [.. axes.Select(a => a < 0 ? a + shape.Length : a)];
        long[] starts = [.. axes.Select(_ => (long)u.Draw.Pick(0, 1, 2, -1, -3, int.MaxValue, -1000))];
        long[] ends = [.. axes.Select(_ => u.Draw.Pick<long>(int.MaxValue, 3, -1, 0, -2, int.MinValue, long.MaxValue))];
        u.In(Any(u, shape));
        if (u.Opset < 10)
        {
            u.With("starts", starts).With("ends", ends);
            if (given)
                u.With("axes", axes);
            return;
        }
        DType type = u.Draw.Pick(Types.Index);
        if (type == DType.Int32)
            ends = [.. ends.Select(e => Math.Clamp(e, int.MinValue, int.MaxValue))];
        u.Const(List(type, starts)).Const(List(type, ends));
        if (given)
            u.Const(List(type, axes));
        else
            u.Skip();
        if (u.Draw.OnceIn(2))
            u.Const(List(type, [.. axes.Select(_ => (long)u.Draw.Pick(1, 2, -1, -2, 5))]));
    }

    private static Tensor List(DType type, long[] values) => Elements.Of(type, [values.Length], [.. values.Select(v => v == long.MaxValue ? v : (double)v)]);

    private static void Expand(UseBuilder u)
    {
        long[] shape = u.Draw.Shape();
        long[] from = u.Draw.Broadcast(shape);
        u.In(Any(u, from)).Const(Elements.List(u.Draw.OnceIn(2) ? u.Draw.Broadcast(shape) : shape));
    }

    private static void Tile(UseBuilder u)
    {
        long[] shape = u.Draw.Shape();
        u.In(Any(u, shape)).Const(Elements.List([.. shape.Select(_ => (long)u.Draw.Pick(1, 2, 3, 0))]));
    }

    private static void DepthToSpace(UseBuilder u)
    {
        int block = u.Draw.Between(1, 3);
        if (u.Opset >= 11)
            u.Maybe("mode", () => u.Draw.Pick("DCR", "CRD"));
        u.With("blocksize", block).In(Any(u, [u.Draw.DimOrZero(3), block * block * u.Draw.Dim(6), u.Draw.DimOrZero(9), u.Draw.Dim(9)]));
    }

    private static void SpaceToDepth(UseBuilder u)
    {
        int block = u.Draw.Between(1, 3);
        u.With("blocksize", block).In(Any(u, [u.Draw.DimOrZero(3), u.Draw.Dim(9), block * u.Draw.DimOrZero(6), block * u.Draw.Dim(6)]));
    }

    private static void Pad(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1, zero: false);
        string mode = u.Draw.Pick("constant", "edge", "reflect", u.Opset >= 19 ? "wrap" : "constant");
        bool someAxes = u.Opset >= 18 && u.Draw.OnceIn(3);
        long[] axes = someAxes ? u.Draw.Axes(shape.Length, u.Draw.Between(1, shape.Length)) : [.. Enumerable.Range(0, shape.Length).Select(i => (long)i)];
        var pads = new long[2 * axes.Length];
        for (int i = 0; i < pads.Length; i++)
        {
            long extent = shape[axes[i % axes.Length] + (axes[i % axes.Length] < 0 ? shape.Length : 0)];
            int most = mode == "reflect" ? (int)Math.Min(extent - 1, 3) : mode == "wrap" ? (int)Math.Min(extent, 3) : 3;
            pads[i] = u.Draw.Between(0, most);
            if (mode == "constant" && extent > 1 && u.Draw.OnceIn(6))
                pads[i] = -u.Draw.Between(0, (int)Math.Min(extent / 2, 3));
        }
        if (mode != "constant" || u.Draw.OnceIn(3))
            u.With("mode", mode);
        DType type = u.Opset < 11 ? u.Draw.Pick(DType.Float32, DType.Float64) : u.Draw.Pick([.. Types.Numeric, DType.Bool]);
        u.In(u.Data(type, shape, Small, Specials));
        if (u.Opset < 11)
        {
            u.With("pads", pads).Maybe("value", () => 1.5);
            return;
        }
        u.Const(Elements.List(pads));
        if (u.Draw.OnceIn(2))
            u.Const(u.Data(type, []));
        else
            u.Skip();
        if (someAxes)
            u.Const(Elements.List(axes));
    }

    private static void Shape(UseBuilder u)
    {
        long[] shape = u.Draw.Shape();
        if (u.Opset >= 15)
            u.Maybe("start", () => u.Draw.Pick(0, 1, -1, 9, -9)).Maybe("end", () => u.Draw.Pick(9, 1, -1, 0, -9));
        u.In(Any(u, shape));
    }

    private static void Constant(UseBuilder u)
    {
        if (u.Opset < 12 || u.Draw.OnceIn(2))
            u.With("value", Any(u, u.Draw.Shape()));
        else if (u.Draw.OnceIn(2))
            u.With("value_ints", new long[] { 1, -2, 3 });
        else if (u.Draw.OnceIn(2))
            u.With("value_floats", new[] { 1f, -2.5f });
        else if (u.Draw.OnceIn(2))
            u.With("value_strings", new[] { "a", "", "é" });
        else if (u.Draw.OnceIn(2))
            u.With("value_string", "日本");
        else if (u.Draw.OnceIn(2))
            u.With("value_float", 2.5);
        else
            u.With("value_int", -7);
    }

    private static void ConstantOfShape(UseBuilder u)
    {
        long[] shape = u.Draw.Shape();
        u.Maybe("value", () => u.Data(u.Draw.Pick([.. Types.Numeric, DType.Bool]), [1], Small, Specials)).Const(Elements.List(shape));
    }

    private static void Range(UseBuilder u)
    {
        DType type = u.Draw.Pick(DType.Int64, DType.Int32, DType.Float32, DType.Float64, DType.Int16);
        int start = u.Draw.Between(0, 9) - 3, step = u.Draw.Pick(1, 2, 3, -1, -2);
        double limit = start + u.Draw.Between(0, 60) * Math.Sign(step);
        double scale = type.IsFloat() && u.Draw.OnceIn(2) ? 0.25 : 1;
        u.Const(Elements.Of(type, [], start * scale)).Const(Elements.Of(type, [], limit * scale)).Const(Elements.Of(type, [], step * scale));
    }

    private static void Trilu(UseBuilder u)
    {
        u.Flag("upper").In(u.Data(u.Draw.Pick(Types.Any), u.Draw.Shape(2), Small, Specials));
        if (u.Draw.OnceIn(2))
            u.Const(Elements.Of(DType.Int64, [], u.Draw.Pick(0, 1, -1, 3, -4, 100, -100)));
    }

    private static void EyeLike(UseBuilder u) =>
        u.Maybe("k", () => u.Draw.Pick(0, 1, -1, 5, -5)).Maybe("dtype", () => (int)u.Draw.Pick(DType.Float32, DType.Float64, DType.Int64, DType.Int32, DType.UInt64))
            .In(u.Data(u.Draw.Pick(DType.Float32, DType.Float64, DType.Int64, DType.Int32, DType.UInt64), u.Draw.Shape(2, 2)));

    private static void ReverseSequence(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(2);
        bool batchFirst = u.Draw.OnceIn(2);
        if (batchFirst)
            u.With("batch_axis", 0).With("time_axis", 1);
        u.In(Any(u, shape));
        int time = batchFirst ? 1 : 0;
        Tensor lengths = u.Indices(DType.Int64, [shape[1 - time]], shape[time], negative: false);
        foreach (ref long length in lengths.AsSpan<long>())
            length = Math.Min(length + 1, shape[time]);
        u.Const(lengths);
    }
}
