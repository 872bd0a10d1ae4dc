using Ai3.Tensors;
using static Ai3.Differential.Tests.Content;

namespace Ai3.Differential.Tests;

/// <summary>com.microsoft's operators that have no family in ai.onnx.</summary>
internal static class ContributedUses
{
    // The peer multiplies out |a - b|^2 = |a|^2 - 2 ab + |b|^2: roundings of the squares, of whose difference the root is taken.
    private static readonly Tolerance s_distance = Tolerance.By(static use =>
    {
        double squares = Elements.RoundOff(use.Tensor(0).Type) * 64 * (4 + use.Tensor(0).Shape[1]) * (4 + use.Tensor(0).Shape[1]);
        return use.Attributes.String("metric", "") == "euclidean" ? Math.Sqrt(squares) : squares;
    });

    public static IEnumerable<OperatorUses> All =>
    [
        Contributed("CDist", CDist, s_distance),
        Contributed("GatherBlockQuantized", GatherBlocks, Tolerance.Roundings(2)),
        Contributed("NGramRepeatBlock", NGrams, Tolerance.Exact),
        Contributed("NhwcMaxPool", MaxPool, Tolerance.Exact),
        Contributed("ExpandDims", u => Expand(u), Tolerance.Exact),
        Contributed("UnfoldTensor", Unfold, Tolerance.Exact),
        Contributed("TransposeMatMul", Product, Tolerance.Sum(static use => use.Tensor(0).Count)),
    ];

    private static OperatorUses Contributed(string name, Action<UseBuilder> generate, Tolerance tolerance) => new(name, tolerance, generate, 1, 1, "com.microsoft");

    private static void CDist(UseBuilder u)
    {
        DType type = u.Draw.Pick(DType.Float32, DType.Float64);
        long k = u.Draw.Dim(20);
        u.With("metric", u.Draw.Pick("euclidean", "sqeuclidean")).In(u.Data(type, [u.Draw.Dim(9), k], Small, Whole)).In(u.Data(type, [u.Draw.Dim(9), k], Small, Whole));
    }

    private static void GatherBlocks(UseBuilder u)
    {
        long rows = u.Draw.Dim(9), bytes = 8 * u.Draw.Between(1, 5), blocks = (2 * bytes + 15) / 16;
        DType type = u.Draw.Pick(DType.Float32, DType.Float16);
        u.With("block_size", 16).With("quantize_axis", 1).Const(u.Data(DType.UInt8, [rows, bytes], Wide)).In(u.Indices(u.Draw.Pick(DType.Int32, DType.Int64), u.Draw.Shape(0, 2), rows, negative: false))
            .Const(u.Data(type, [rows, blocks], Positive));
        if (u.Draw.OnceIn(2))
            u.Const(u.Data(DType.UInt8, [rows, (blocks + 1) / 2], Wide));
    }

    private static void NGrams(UseBuilder u)
    {
        long batch = u.Draw.Dim(3), tokens = u.Draw.Between(1, 5);
        u.With("ngram_size", u.Draw.Between(1, 4)).In(u.Indices(DType.Int64, [batch, u.Draw.Dim(12)], tokens, negative: false)).In(u.Data(DType.Float32, [batch, tokens]));
    }

    private static void MaxPool(UseBuilder u)
    {
        u.With("kernel_shape", new long[] { u.Draw.Between(1, 3), u.Draw.Between(1, 3) }).Maybe("strides", () => new long[] { u.Draw.Between(1, 3), u.Draw.Between(1, 2) })
            .Maybe("pads", () => new long[] { 0, 0, 0, 0 }).In(u.Data(u.Draw.Pick(DType.UInt8, DType.Int8), [u.Draw.Dim(2), u.Draw.Between(3, 9), u.Draw.Between(3, 9), u.Draw.Dim(40)], Wide));
    }

    private static void Expand(UseBuilder u)
    {
        long[] shape = u.Draw.Shape();
        u.In(u.Data(DType.Float32, shape)).Const(Tensor.Scalar((int)u.Draw.Between(-shape.Length - 1, shape.Length)));
    }

    private static void Unfold(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1, zero: false);
        long axis = u.Draw.Axis(shape.Length), extent = shape[axis < 0 ? axis + shape.Length : axis];
        u.With("dim", axis).With("size", u.Draw.Between(1, (int)extent)).Maybe("step", () => (long)u.Draw.Between(1, 3)).In(u.Data(u.Draw.Pick(DType.Float32, DType.Int64, DType.UInt8), shape));
    }

    private static void Product(UseBuilder u)
    {
        long m = u.Draw.Dim(9), k = u.Draw.Dim(20), n = u.Draw.Dim(9);
        bool transA = u.Draw.OnceIn(2), transB = u.Draw.OnceIn(2);
        u.With("transA", transA).With("transB", transB).Maybe("alpha", () => u.Draw.Pick(0.5, 2)).In(u.Data(DType.Float32, transA ? [k, m] : [m, k])).In(u.Data(DType.Float32, transB ? [n, k] : [k, n]));
    }
}
