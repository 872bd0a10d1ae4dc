using Ai3.Tensors;
using static Ai3.Differential.Tests.Content;

namespace Ai3.Differential.Tests;

/// <summary>Softmax and the normalisations.</summary>
internal static class NormalizationUses
{
    // exp of differences up to 4 and a sum: roundings of the result that grow with the row.
    private static readonly Tolerance s_softmax = Tolerance.Of(static (use, expected) => (o, i) =>
        Elements.RoundOff(expected[o].Type) * (24 + 2 * use.Tensor(0).Count) * Math.Abs(Elements.At(expected[o], i)) + Elements.SmallestNormal(expected[o].Type));

    private static readonly Tolerance s_logSoftmax = Tolerance.Of(static (use, expected) => (o, i) =>
        Elements.RoundOff(expected[o].Type) * (24 + 2 * use.Tensor(0).Count) * Math.Max(1, Math.Abs(Elements.At(expected[o], i))));

    // The peer's variance is a mean of squares less a squared mean: with elements below 2 it is off by roundings of 4, against
    // a variance that is at least epsilon.
    private static readonly Tolerance s_statistics = Tolerance.By(static use =>
        (40 + use.Tensor(0).Count) * Elements.RoundOff(use.Tensor(0).Type) * (4 + 2 / use.Attributes.Float("epsilon", 1e-5f) * 0.01));

    public static IEnumerable<OperatorUses> All =>
    [
        new("Softmax", s_softmax, u => Rows(u)),
        new("LogSoftmax", s_logSoftmax, u => Rows(u)),
        new("Hardmax", Tolerance.Exact, u => Rows(u)),
        new("BatchNormalization", Tolerance.Roundings(16, 64), BatchNormalization, Since: 9),
        new("LRN", Tolerance.Roundings(24), Lrn),
        new("LayerNormalization", s_statistics, LayerNormalization, Since: 17),
        new("RMSNormalization", Tolerance.Roundings(200, 4), RmsNormalization, Since: 23),
        new("InstanceNormalization", s_statistics, InstanceNormalization),
        new("GroupNormalization", s_statistics, GroupNormalization, Since: 21),
        new("MeanVarianceNormalization", Tolerance.Roundings(1000, 4000), MeanVariance, Since: 9),
        new("LpNormalization", Tolerance.Roundings(200), LpNormalization),
    ];

    private static void Rows(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1);
        u.Maybe("axis", () => u.Opset >= 11 ? u.Draw.Axis(shape.Length) : u.Draw.Below(shape.Length))
            .In(u.Data(u.Draw.Pick(DType.Float32, DType.Float32, DType.Float64, DType.Float16), shape, Small, Whole));
    }

    private static void BatchNormalization(UseBuilder u)
    {
        long[] shape = [u.Draw.DimOrZero(4), u.Draw.Dim(40), .. u.Draw.Shape(0, 3)];
        DType type = u.Draw.Pick(DType.Float32, DType.Float32, DType.Float64, DType.Float16);
        u.Maybe("epsilon", () => u.Draw.Pick(1e-3, 0.1)).In(u.Data(type, shape, Small, Whole));
        for (int i = 0; i < 4; i++)
            u.Const(u.Data(type, [shape[1]], i == 3 ? Positive : Small));
    }

    private static void Lrn(UseBuilder u) => u.With("size", u.Draw.Pick(1, 3, 5, 7)).Maybe("alpha", () => u.Draw.Pick(0.1, 0.5)).Maybe("beta", () => u.Draw.Pick(0.5, 1)).Maybe("bias", () => 2.0)
        .In(u.Data(DType.Float32, [u.Draw.DimOrZero(3), u.Draw.Dim(20), u.Draw.Dim(9), u.Draw.Dim(9)], Small, Whole));

    private static void LayerNormalization(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1, zero: false);
        int axis = (int)u.Draw.Axis(shape.Length);
        u.Maybe("axis", () => axis).Maybe("epsilon", () => u.Draw.Pick(1e-3, 0.1)).Outputs(u.Draw.Between(1, 3));
        long[] row = shape[(u.Attributes.Has("axis") ? axis < 0 ? axis + shape.Length : axis : shape.Length - 1)..];
        DType type = u.Draw.Pick(DType.Float32, DType.Float32, DType.Float64, DType.Float16);
        u.In(u.Data(type, shape, Small, Whole)).Const(u.Data(type, row));
        if (u.Draw.OnceIn(2))
            u.Const(u.Data(type, row));
    }

    private static void RmsNormalization(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1, zero: false);
        u.Maybe("epsilon", () => u.Draw.Pick(1e-3, 0.1)).In(u.Data(DType.Float32, shape, Small, Whole)).Const(u.Data(DType.Float32, shape[^1..]));
    }

    private static void InstanceNormalization(UseBuilder u)
    {
        long[] shape = [u.Draw.Dim(3), u.Draw.Dim(20), .. u.Draw.Shape(1, 3, zero: false)];
        DType type = u.Draw.Pick(DType.Float32, DType.Float32, DType.Float16);
        u.Maybe("epsilon", () => u.Draw.Pick(1e-3, 0.1)).In(u.Data(type, shape, Small, Whole)).Const(u.Data(type, [shape[1]])).Const(u.Data(type, [shape[1]]));
    }

    private static void GroupNormalization(UseBuilder u)
    {
        int groups = u.Draw.Between(1, 4);
        long channels = groups * u.Draw.Dim(9);
        DType type = DType.Float32;
        u.With("num_groups", groups).Maybe("epsilon", () => u.Draw.Pick(1e-3, 0.1));
        u.In(u.Data(type, [u.Draw.Dim(3), channels, .. u.Draw.Shape(1, 2, zero: false)], Small, Whole)).Const(u.Data(type, [channels])).Const(u.Data(type, [channels]));
    }

    private static void MeanVariance(UseBuilder u) =>
        u.In(u.Data(DType.Float32, [u.Draw.Between(2, 4), u.Draw.Between(2, 9), u.Draw.Between(2, 9), u.Draw.Between(2, 9)]));

    private static void LpNormalization(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1, zero: false);
        u.Maybe("axis", () => u.Draw.Axis(shape.Length)).Maybe("p", () => u.Draw.Between(1, 2)).In(u.Data(u.Draw.Pick(DType.Float32, DType.Float64), shape, Small, Whole));
    }
}
