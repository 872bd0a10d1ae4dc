using Ai3.Tensors;
using static Ai3.Differential.Tests.Content;

namespace Ai3.Differential.Tests;

/// <summary>Operators whose outputs the data choose: the largest, those that are not zero, those that differ.</summary>
internal static class SelectingUses
{
    public static IEnumerable<OperatorUses> All =>
    [
        new("TopK", Tolerance.Exact, TopK, Since: 10),
        new("NonZero", Tolerance.Exact, u => u.In(u.Data(u.Draw.Pick([.. Types.Common, DType.Bool]), u.Draw.Shape(1), Whole)), Since: 9),
        new("Compress", Tolerance.Exact, Compress, Since: 9),
        new("Unique", Tolerance.Exact, Unique, Since: 11),
        new("NonMaxSuppression", Tolerance.Exact, Suppress, Since: 10),
    ];

    private static void TopK(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1, zero: false);
        long axis = u.Draw.Axis(shape.Length);
        u.With("axis", u.Opset < 11 && axis < 0 ? axis + shape.Length : axis).Outputs(2);
        if (u.Opset >= 11)
            u.Flag("largest").With("sorted", 1);
        DType[] types = u.Opset >= 11 ? Types.Common : [DType.Float32];
        u.In(u.Data(u.Draw.Pick(types), shape, Small, Whole));
        u.Const(Elements.List(u.Draw.Between(1, (int)shape[axis < 0 ? axis + shape.Length : axis])));
    }

    private static void Compress(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1, zero: false);
        long extent = ShapeMath.Product(shape);
        if (u.Draw.OnceIn(2))
        {
            int axis = u.Opset >= 11 ? (int)u.Draw.Axis(shape.Length) : u.Draw.Below(shape.Length);
            u.With("axis", axis);
            extent = shape[axis < 0 ? axis + shape.Length : axis];
        }
        u.In(u.Data(u.Draw.Pick(Types.Any), shape, Small, Specials)).In(u.Data(DType.Bool, [u.Draw.Between(1, (int)Math.Min(extent, 60))]));
    }

    private static void Unique(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1, 3, zero: false);
        u.Maybe("axis", () => u.Draw.Axis(shape.Length)).Flag("sorted").Outputs(u.Draw.Between(1, 4))
            .In(u.Data(u.Draw.Pick(DType.Float32, DType.Int64, DType.Int8, DType.Float64, DType.String), shape, Whole));
    }

    private static void Suppress(UseBuilder u)
    {
        long batch = u.Draw.Between(1, 2), classes = u.Draw.Between(1, 3), boxes = u.Draw.Between(1, 20);
        u.Maybe("center_point_box", () => u.Draw.Below(2));
        u.In(u.Data(DType.Float32, [batch, boxes, 4], Positive, Unit)).In(u.Data(DType.Float32, [batch, classes, boxes], Positive));
        u.Const(Elements.Of(DType.Int64, [1], u.Draw.Between(0, 9)));
        if (u.Draw.OnceIn(3))
            return;
        u.Const(Elements.Of(DType.Float32, [1], u.Draw.Pick(0.5, 0.0, 0.1, 0.9)));
        if (u.Draw.OnceIn(2))
            u.Const(Elements.Of(DType.Float32, [1], u.Draw.Pick(0.5, 0.0, 1.2)));
    }
}
