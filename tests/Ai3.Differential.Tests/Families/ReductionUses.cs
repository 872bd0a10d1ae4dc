using Ai3.Tensors;
using static Ai3.Differential.Tests.Content;

namespace Ai3.Differential.Tests;

/// <summary>Sums, extremes and norms along axes, running sums, places of extremes.</summary>
internal static class ReductionUses
{
    // Terms are at most the elements; a product or norm rounds once for each.
    private static readonly Tolerance s_sum = Tolerance.Sum(static use => use.Tensor(0).Count);

    private static readonly Tolerance s_logarithm = Tolerance.Of(static (use, expected) => (o, i) =>
        Elements.RoundOff(expected[o].Type) * (8 + 2 * use.Tensor(0).Count) * Math.Max(1, Math.Abs(Elements.At(expected[o], i))));

    public static IEnumerable<OperatorUses> All =>
    [
        Reduce("ReduceSum", s_sum, inputSince: 13),
        Reduce("ReduceMean", s_sum),
        Reduce("ReduceMax", Tolerance.Exact, types: [.. Types.Common, DType.UInt8, DType.Int8, DType.Bool]),
        Reduce("ReduceMin", Tolerance.Exact, types: [.. Types.Common, DType.UInt8, DType.Int8, DType.Bool]),
        Reduce("ReduceProd", s_sum, contents: [Positive, Unit, Specials]),
        Reduce("ReduceL1", s_sum),
        Reduce("ReduceL2", s_sum),
        Reduce("ReduceSumSquare", s_sum),
        Reduce("ReduceLogSum", s_logarithm, types: [DType.Float32, DType.Float64, DType.Float16], contents: [Positive]),
        Reduce("ReduceLogSumExp", s_logarithm),
        new("ArgMax", Tolerance.Exact, Arg),
        new("ArgMin", Tolerance.Exact, Arg),
        new("CumSum", s_sum, CumSum, Since: 11),
    ];

    private static OperatorUses Reduce(string name, Tolerance tolerance, int inputSince = 18, DType[]? types = null, Content[]? contents = null) => new(name, tolerance, u =>
    {
        long[] shape = u.Draw.Shape(0, 5);
        u.Flag("keepdims").In(u.Data(u.Draw.Pick(types ?? Types.Common), shape, contents ?? [Small, Small, Whole, Specials]));
        bool given = u.Draw.OnceIn(2) && shape.Length > 0;
        long[] axes = given ? u.Draw.Axes(shape.Length, u.Draw.Between(1, shape.Length)) : [];
        if (u.Opset < 11)
            axes = [.. axes.Select(a => a < 0 ? a + shape.Length : a)];
        if (u.Opset >= inputSince)
        {
            u.Flag("noop_with_empty_axes");
            if (given || u.Draw.OnceIn(3))
                u.Const(Elements.List(axes));
        }
        else if (given)
            u.With("axes", axes);
    });

    private static void Arg(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1, zero: false);
        u.Maybe("axis", () => u.Opset >= 11 ? u.Draw.Axis(shape.Length) : u.Draw.Below(shape.Length)).Flag("keepdims");
        if (u.Opset >= 12)
            u.Flag("select_last_index");
        u.In(u.Data(u.Draw.Pick(DType.Float32, DType.Float64, DType.Int32, DType.Int8, DType.UInt8), shape, Small, Whole));
    }

    private static void CumSum(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1);
        u.Flag("exclusive").Flag("reverse").In(u.Data(u.Draw.Pick(DType.Float32, DType.Float64, DType.Int32, DType.Int64), shape, Small, Whole))
            .Const(Elements.Of(u.Draw.Pick(Types.Index), [], u.Draw.Axis(shape.Length)));
    }
}
