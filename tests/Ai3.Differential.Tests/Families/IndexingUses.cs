using Ai3.Tensors;
using static Ai3.Differential.Tests.Content;

namespace Ai3.Differential.Tests;

/// <summary>Operators that read or write at indices.</summary>
internal static class IndexingUses
{
    public static IEnumerable<OperatorUses> All =>
    [
        new("Gather", Tolerance.Exact, Gather),
        new("GatherElements", Tolerance.Exact, GatherElements, Since: 11),
        new("GatherND", Tolerance.Exact, GatherND, Since: 11),
        new("Scatter", Tolerance.Exact, u => ScatterElements(u, [""]), Since: 9, Until: 10),
        new("ScatterElements", Tolerance.Roundings(8, 8), u => ScatterElements(u, Reductions(u)), Since: 11),
        new("ScatterND", Tolerance.Roundings(8, 8), ScatterND, Since: 11),
        new("OneHot", Tolerance.Exact, OneHot, Since: 9),
    ];

    private static string[] Reductions(UseBuilder u) => u.Opset >= 18 ? ["", "none", "add", "mul", "max", "min"] : u.Opset >= 16 ? ["", "none", "add", "mul"] : [""];

    private static void Gather(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1, zero: false);
        int axis = (int)u.Draw.Axis(shape.Length);
        u.Maybe("axis", () => axis).In(u.Data(u.Draw.Pick(Types.Any), shape, Small, Specials));
        long extent = u.Attributes.Has("axis") ? shape[axis < 0 ? axis + shape.Length : axis] : shape[0];
        u.In(u.Indices(u.Draw.Pick(Types.Index), u.Draw.Shape(0, 2), extent, negative: u.Opset >= 11));
    }

    private static void GatherElements(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1, zero: false);
        int axis = (int)u.Draw.Axis(shape.Length), place = axis < 0 ? axis + shape.Length : axis;
        long[] indices = [.. shape.Select((d, a) => a == place ? u.Draw.DimOrZero(12) : d - u.Draw.Below((int)Math.Min(d, 2)))];
        u.With("axis", axis).In(u.Data(u.Draw.Pick(Types.Any), shape, Small, Specials)).In(u.Indices(u.Draw.Pick(Types.Index), indices, shape[place]));
    }

    private static void GatherND(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1, zero: false);
        int batch = u.Opset >= 12 && shape.Length > 1 && u.Draw.OnceIn(3) ? 1 : 0;
        if (batch > 0)
            u.With("batch_dims", batch);
        int tuple = u.Draw.Between(1, shape.Length - batch);
        u.In(u.Data(u.Draw.Pick(Types.Any), shape, Small, Specials));
        u.In(Tuples(u, [.. shape[..batch], .. u.Draw.Shape(0, 2)], shape[batch..(batch + tuple)]));
    }

    // Tuples of indices, each element within its dimension.
    private static Tensor Tuples(UseBuilder u, long[] leading, long[] extents)
    {
        var random = new Ai3.Testing.TestRandom((ulong)u.Draw.Below(1 << 20));
        var values = new double[ShapeMath.Product(leading) * extents.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = random.Below((int)extents[i % extents.Length]) - (random.Chance(0.2) ? extents[i % extents.Length] : 0);
        return Elements.Of(DType.Int64, [.. leading, extents.Length], values);
    }

    private static void ScatterElements(UseBuilder u, string[] reductions)
    {
        long[] shape = u.Draw.Shape(1, zero: false);
        int axis = u.Opset >= 11 ? (int)u.Draw.Axis(shape.Length) : u.Draw.Below(shape.Length), place = axis < 0 ? axis + shape.Length : axis;
        string reduction = u.Draw.Pick(reductions);
        if (reduction.Length > 0)
            u.With("reduction", reduction);
        long[] updates = [.. shape.Select((d, a) => a == place && reduction is not ("" or "none") ? u.Draw.Dim(6) : d - u.Draw.Below((int)Math.Min(d, 2)))];
        DType type = u.Draw.Pick(reduction.Length > 0 ? Types.Common : Types.Any);
        u.With("axis", axis).In(u.Data(type, shape, Small, Whole));
        DType index = u.Draw.Pick(Types.Index);
        u.In(reduction is "" or "none" ? Different(u, index, updates, shape[place], place) : u.Indices(index, updates, shape[place], negative: u.Opset >= 11));
        u.In(u.Data(type, updates, Small, Whole));
    }

    // Without a reduction no place may be written twice: along the axis each line is a rotation.
    private static Tensor Different(UseBuilder u, DType type, long[] shape, long extent, int axis)
    {
        int turn = u.Draw.Below((int)extent);
        long inner = ShapeMath.Product(shape.AsSpan()[(axis + 1)..]);
        var values = new double[ShapeMath.Product(shape)];
        for (int i = 0; i < values.Length; i++)
            values[i] = (i / inner % shape[axis] + turn) % extent;
        return Elements.Of(type, shape, values);
    }

    private static void ScatterND(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1, zero: false);
        string reduction = u.Draw.Pick(Reductions(u));
        if (reduction.Length > 0)
            u.With("reduction", reduction);
        int tuple = u.Draw.Between(1, shape.Length);
        // One tuple where writes would meet, several where they add up.
        long[] leading = reduction is "" or "none" ? [1] : u.Draw.Shape(0, 2);
        DType type = u.Draw.Pick(reduction.Length > 0 ? Types.Common : Types.Any);
        u.In(u.Data(type, shape, Small, Whole)).In(Tuples(u, leading, shape[..tuple])).In(u.Data(type, [.. leading, .. shape[tuple..]], Small, Whole));
    }

    private static void OneHot(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1, 3);
        int depth = u.Draw.Between(1, 9);
        DType index = u.Draw.Pick(DType.Int64, DType.Int32, DType.Float32), values = u.Draw.Pick(DType.Float32, DType.Int64, DType.Int32, DType.String);
        u.Maybe("axis", () => u.Draw.Between(-shape.Length - 1, shape.Length)).In(u.Indices(index, shape, depth + 2, negative: u.Opset >= 11));
        u.Const(Elements.Of(u.Draw.Pick(DType.Int64, DType.Int32, DType.Float32), u.Draw.OnceIn(2) ? [1] : [], depth)).In(u.Data(values, [2]));
    }
}
