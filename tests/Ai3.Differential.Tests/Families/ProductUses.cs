using Ai3.Tensors;
using static Ai3.Differential.Tests.Content;

namespace Ai3.Differential.Tests;

/// <summary>Matrix products and convolutions.</summary>
internal static class ProductUses
{
    public static IEnumerable<OperatorUses> All =>
    [
        new("MatMul", Tolerance.Sum(static use => use.Tensor(0).Shape[^1]), MatMul),
        new("Gemm", Tolerance.Sum(static use => use.Tensor(0).Shape[0] + use.Tensor(0).Shape[1]), Gemm),
        // Winograd's transforms magnify a tile's roundings: their growth is in the added terms.
        new("Conv", Tolerance.Sum(static use => use.Tensor(1).Shape.CountOf(1..) + 60), Conv),
        new("Det", Tolerance.By(static use => Elements.RoundOff(use.Tensor(0).Type) * 40_000), Det, Since: 11),
        new("Einsum", Tolerance.Sum(static use => use.Tensor(0).Count), Einsum, Since: 12),
        new("ConvTranspose", Tolerance.Sum(static use => use.Tensor(1).Shape.Count), ConvTranspose),
    ];

    private static void MatMul(UseBuilder u)
    {
        DType type = u.Draw.Pick(DType.Float32, DType.Float32, DType.Float32, DType.Float64, DType.Float16, DType.Int32, DType.Int64, DType.UInt32);
        long m = u.Draw.DimOrZero(), k = u.Draw.DimOrZero(), n = u.Draw.DimOrZero();
        long[] batch = u.Draw.OnceIn(2) ? [u.Draw.Dim(4), u.Draw.Dim(3)] : [];
        long[] a = u.Draw.OnceIn(8) ? [k] : [.. u.Draw.Broadcast(batch), m, k];
        long[] b = u.Draw.OnceIn(8) ? [k] : [.. u.Draw.Broadcast(batch), k, n];
        u.In(u.Data(type, a, Small, Whole, Specials)).In(u.Data(type, b, Small, Whole));
    }

    private static void Gemm(UseBuilder u)
    {
        DType type = u.Draw.Pick(DType.Float32, DType.Float32, DType.Float32, DType.Float64, DType.Float16);
        long m = u.Draw.DimOrZero(), k = u.Draw.DimOrZero(), n = u.Draw.DimOrZero();
        u.Flag("transA").Flag("transB").Maybe("alpha", () => u.Draw.Pick(0.5, 2, -1, 0)).Maybe("beta", () => u.Draw.Pick(0.5, 2, -1, 0));
        u.In(u.Data(type, u.Attributes.Flag("transA") ? [k, m] : [m, k], Small, Whole, Specials));
        u.In(u.Data(type, u.Attributes.Flag("transB") ? [n, k] : [k, n], Small, Whole));
        if (u.Opset < 11 || u.Draw.OnceIn(2))
            u.In(u.Data(type, u.Draw.Broadcast([m, n]), Small, Whole));
    }

    private static void Conv(UseBuilder u)
    {
        int rank = u.Draw.Pick(2, 2, 2, 1, 3);
        long group = u.Draw.Pick(1, 1, 2, 3), perIn = u.Draw.Dim(9), perOut = u.Draw.Dim(9);
        if (u.Draw.OnceIn(5))
            (group, perIn, perOut) = (u.Draw.Dim(40), 1, u.Draw.Between(1, 2));
        (long[] kernel, long[] image) = Window(u, rank);
        u.In(u.Data(DType.Float32, [u.Draw.DimOrZero(3), group * perIn, .. image], Small, Whole, Unit));
        u.Const(u.Data(DType.Float32, [group * perOut, perIn, .. kernel], Unit, Whole));
        if (u.Draw.OnceIn(2))
            u.Const(u.Data(DType.Float32, [group * perOut]));
        if (group > 1 || u.Draw.OnceIn(4))
            u.With("group", group);
        u.Maybe("kernel_shape", () => kernel);
    }

    private static void Det(UseBuilder u)
    {
        long n = u.Draw.Between(1, 5);
        long[] batch = u.Draw.OnceIn(2) ? [u.Draw.Dim(4)] : [];
        u.In(u.Data(u.Draw.Pick(DType.Float32, DType.Float32, DType.Float64), [.. batch, n, n], Small, Whole));
    }

    private static void Einsum(UseBuilder u)
    {
        string equation = u.Draw.Pick("ij,jk->ik", "ij->ji", "ij,jk", "bij,bjk->bik", "ii->i", "ii", "i,j->ij", "ij,ij->", "bhid,bhjd->bhij", "...ij,...jk->...ik", "ij->", "abc->b", "ij,kj,j->ik", "i,i", " i j , j -> i ", "bij,b->ij");
        string[] operands = equation.Split("->")[0].Replace(" ", "", StringComparison.Ordinal).Split(',');
        var extents = new Dictionary<char, long>();
        DType type = u.Draw.Pick(DType.Float32, DType.Float32, DType.Float64, DType.Int64);
        u.With("equation", equation);
        long[] batch = [u.Draw.Dim(3)];
        foreach (string operand in operands)
        {
            var shape = new List<long>();
            if (operand.StartsWith("...", StringComparison.Ordinal))
                shape.AddRange(batch);
            foreach (char label in operand.Replace(".", "", StringComparison.Ordinal))
            {
                if (!extents.TryGetValue(label, out long extent))
                    extents[label] = extent = u.Draw.Dim(9);
                shape.Add(extent);
            }
            u.In(u.Data(type, [.. shape], Small, Whole));
        }
    }

    private static void ConvTranspose(UseBuilder u)
    {
        int rank = u.Draw.Pick(2, 2, 1, 3);
        long group = u.Draw.Pick(1, 1, 2, 3), perIn = u.Draw.Dim(9), perOut = u.Draw.Dim(9);
        long[] kernel = [.. Enumerable.Range(0, rank).Select(_ => (long)u.Draw.Between(1, 4))];
        long[] image = [.. Enumerable.Range(0, rank).Select(_ => u.Draw.Dim(rank == 3 ? 5 : 9))];
        long[] strides = [.. kernel.Select(_ => (long)u.Draw.Between(1, 3))];
        u.Maybe("strides", () => strides);
        u.Maybe("dilations", () => kernel.Select(_ => (long)u.Draw.Between(1, 2)).ToArray());
        if (u.Draw.OnceIn(2))
            u.With("pads", kernel.Concat(kernel).Select(k => (long)u.Draw.Below((int)Math.Min(k, 2))).ToArray());
        else
            u.Maybe("auto_pad", () => u.Draw.Pick("VALID", "SAME_UPPER", "SAME_LOWER"));
        if (u.Attributes.Has("strides"))
            u.Maybe("output_padding", () => strides.Select(s => (long)u.Draw.Below((int)s)).ToArray());
        u.In(u.Data(DType.Float32, [u.Draw.DimOrZero(3), group * perIn, .. image], Small, Whole));
        u.Const(u.Data(DType.Float32, [group * perIn, perOut, .. kernel], Unit, Whole));
        if (u.Draw.OnceIn(2))
            u.Const(u.Data(DType.Float32, [group * perOut]));
        if (group > 1)
            u.With("group", group);
    }

    /// <summary>Draws strides, dilations and padding, and an image that the window fits in.</summary>
    public static (long[] Kernel, long[] Image) Window(UseBuilder u, int rank, bool dilations = true)
    {
        long[] kernel = [.. Enumerable.Range(0, rank).Select(_ => (long)u.Draw.Pick(1, 3, 3, 2, 4, 5))];
        long[] dilation = [.. kernel.Select(_ => 1L)];
        if (dilations && u.Draw.OnceIn(3))
        {
            dilation = [.. kernel.Select(_ => (long)u.Draw.Between(1, 3))];
            u.With("dilations", dilation);
        }
        u.Maybe("strides", () => kernel.Select(_ => (long)u.Draw.Between(1, 3)).ToArray());
        bool pads = u.Draw.OnceIn(2);
        if (pads)
            u.With("pads", kernel.Concat(kernel).Select(k => (long)u.Draw.Below((int)Math.Min(k, 3))).ToArray());
        else
            u.Maybe("auto_pad", () => u.Draw.Pick("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"));
        return (kernel, [.. kernel.Select((k, i) => (k - 1) * dilation[i] + u.Draw.Dim(rank == 3 ? 6 : 20))]);
    }
}
