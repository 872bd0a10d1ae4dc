using Ai3.Tensors;
using static Ai3.Differential.Tests.Content;

namespace Ai3.Differential.Tests;

/// <summary>Operators on quantised tensors.</summary>
internal static class QuantizationUses
{
    private const string Microsoft = "com.microsoft";

    // The scales' quotient is rounded in another order: a value next to the middle of two steps may go either way.
    private static readonly Tolerance s_step = Tolerance.By(static _ => 1);

    private static readonly DType[] s_bytes = [DType.UInt8, DType.Int8];

    public static IEnumerable<OperatorUses> All =>
    [
        new("QuantizeLinear", Tolerance.Exact, Quantize, Since: 10),
        new("DequantizeLinear", Tolerance.Roundings(2), Dequantize, Since: 10),
        new("DynamicQuantizeLinear", Tolerance.Of(static (_, expected) => (o, i) => o == 1 ? 4 * Elements.RoundOff(DType.Float32) * Math.Abs(Elements.At(expected[1], i)) : 1),
            u => u.Outputs(3).In(u.Data(DType.Float32, u.Draw.Shape(1), Small, Positive, Whole)), Since: 11),
        new("MatMulInteger", Tolerance.Exact, MatMulInteger, Since: 10),
        new("ConvInteger", Tolerance.Exact, u => Convolution(u, linear: false), Since: 10),
        new("QLinearMatMul", s_step, QLinearMatMul, Since: 10),
        new("QLinearConv", s_step, u => Convolution(u, linear: true), Since: 10),
        Contributed("QuantizeLinear", Quantize, Tolerance.Exact),
        Contributed("DequantizeLinear", Dequantize, Tolerance.Roundings(2)),
        Contributed("QLinearConv", u => Convolution(u, linear: true)),
        Contributed("QLinearAdd", u => Pair(u)),
        Contributed("QLinearMul", u => Pair(u)),
        Contributed("QLinearConcat", Concat),
        Contributed("QLinearSigmoid", u => One(u, u.Draw.Shape(1))),
        Contributed("QLinearLeakyRelu", u => One(u.Maybe("alpha", () => u.Draw.Pick(0.5, 0.1)), u.Draw.Shape(1))),
        Contributed("QLinearSoftmax", u => One(u.With("opset", 13).With("axis", -1), u.Draw.Shape(1, zero: false))),
        Contributed("QLinearGlobalAveragePool", u => One(u, [u.Draw.Dim(3), u.Draw.Dim(20), u.Draw.Dim(9), u.Draw.Dim(9)])),
        Contributed("QLinearAveragePool", AveragePool),
        Contributed("MatMulIntegerToFloat", IntegerToFloat, Tolerance.Roundings(64, 64)),
        Contributed("DynamicQuantizeMatMul", DynamicMatMul, Tolerance.By(static use => 0.02 * use.Tensor(0).Shape[^1])),
        Contributed("QGemm", Gemm),
        Contributed("MatMulNBits", NBits, Tolerance.By(static use => 64 * Elements.RoundOff(DType.Float32) * use.Attributes.Int("K") * 16)),
    ];

    private static OperatorUses Contributed(string name, Action<UseBuilder> generate, Tolerance? tolerance = null) => new(name, tolerance ?? s_step, generate, 1, 1, Microsoft);

    private static Tensor Scale(UseBuilder u, params long[] shape)
    {
        double scale = u.Draw.Pick(0.5, 0.0625, 0.037, 0.011);
        return Elements.Of(DType.Float32, shape, [.. Enumerable.Range(0, (int)ShapeMath.Product(shape)).Select(i => scale * (1 + i % 3))]);
    }

    private static Tensor Zero(UseBuilder u, DType type, params long[] shape)
    {
        int zero = u.Draw.Pick(0, 3, 10) - (type == DType.Int8 ? 5 : 0);
        return Elements.Of(type, shape, [.. Enumerable.Range(0, (int)ShapeMath.Product(shape)).Select(i => (double)(zero + i % 3))]);
    }

    private static Tensor Bytes(UseBuilder u, DType type, params long[] shape) => u.Data(type, shape, Small, Wide);

    private static UseBuilder Quantized(this UseBuilder u, Tensor data) => u.In(data).Const(Scale(u)).Const(Zero(u, data.Type));

    private static void Quantize(UseBuilder u)
    {
        DType[] types = u.Opset >= 21 ? [.. s_bytes, DType.UInt16, DType.Int16] : s_bytes;
        DType type = u.Draw.Pick(types);
        long[] shape = u.Draw.Shape(1, zero: false), scale = ScaleShape(u, shape);
        u.In(u.Data(DType.Float32, shape, Small, Wide)).Const(Scale(u, scale)).Const(Zero(u, type, scale));
    }

    private static void Dequantize(UseBuilder u)
    {
        DType[] types = u.Opset >= 21 ? [.. s_bytes, DType.Int32, DType.UInt16, DType.Int16] : [.. s_bytes, DType.Int32];
        DType type = u.Draw.Pick(types);
        long[] shape = u.Draw.Shape(1, zero: false), scale = ScaleShape(u, shape);
        u.In(u.Data(type, shape, Small, type == DType.Int32 ? Small : Wide)).Const(Scale(u, scale));
        if (type != DType.Int32 && u.Draw.OnceIn(2))
            u.Const(Zero(u, type, scale));
    }

    // One scale, one for each place of an axis from opset 13 on, or one for each block of an axis from opset 21 on.
    private static long[] ScaleShape(UseBuilder u, long[] shape)
    {
        if (u.Opset < 13 || !u.Draw.OnceIn(2))
            return [];
        int axis = u.Draw.Below(shape.Length);
        u.With("axis", u.Draw.OnceIn(3) ? axis - shape.Length : axis);
        if (u.Opset < 21 || !u.Draw.OnceIn(3))
            return [shape[axis]];
        int block = u.Draw.Between(1, (int)shape[axis]);
        u.With("block_size", block);
        long[] blocks = [.. shape];
        blocks[axis] = (shape[axis] + block - 1) / block;
        return blocks;
    }

    private static void MatMulInteger(UseBuilder u)
    {
        long m = u.Draw.Dim(), k = u.Draw.Dim(), n = u.Draw.Dim();
        long[] batch = u.Draw.OnceIn(3) ? [u.Draw.Dim(3)] : [];
        DType a = u.Draw.Pick(s_bytes), b = u.Draw.Pick(s_bytes);
        u.In(Bytes(u, a, [.. batch, m, k])).Const(Bytes(u, b, [.. u.Draw.Broadcast(batch), k, n]));
        if (u.Draw.OnceIn(3))
            return;
        u.Const(Zero(u, a));
        if (u.Draw.OnceIn(2))
            u.Const(Zero(u, b, u.Draw.OnceIn(2) ? [n] : []));
    }

    private static void QLinearMatMul(UseBuilder u)
    {
        long m = u.Draw.Dim(), k = u.Draw.Dim(), n = u.Draw.Dim();
        DType a = u.Draw.Pick(s_bytes), b = u.Draw.Pick(s_bytes);
        long[] columns = u.Draw.OnceIn(3) ? [n] : [];
        u.Quantized(Bytes(u, a, m, k)).Const(Bytes(u, b, k, n)).Const(Scale(u, columns)).Const(Zero(u, b, columns)).Const(Scale(u)).Const(Zero(u, a));
    }

    private static void Convolution(UseBuilder u, bool linear)
    {
        DType x = u.Draw.Pick(s_bytes), w = u.Draw.Pick(s_bytes);
        long group = u.Draw.Pick(1, 1, 2), perIn = u.Draw.Dim(9), perOut = u.Draw.Dim(9);
        if (u.Draw.OnceIn(5))
            (group, perIn, perOut) = (u.Draw.Dim(20), 1, 1);
        (long[] kernel, long[] image) = ProductUses.Window(u, u.Draw.Pick(2, 2, 1));
        Tensor data = Bytes(u, x, [u.Draw.Dim(2), group * perIn, .. image]), weights = Bytes(u, w, [group * perOut, perIn, .. kernel]);
        u.With("group", group).With("kernel_shape", kernel);
        if (!linear)
        {
            u.In(data).Const(weights);
            if (u.Draw.OnceIn(2))
                u.Const(Zero(u, x)).Const(Zero(u, w));
            return;
        }
        long[] channels = u.Draw.OnceIn(2) ? [group * perOut] : [];
        u.Quantized(data).Const(weights).Const(Scale(u, channels)).Const(Elements.Of(w, channels, [.. Enumerable.Repeat((double)u.Draw.Pick(0, 2), (int)ShapeMath.Product(channels))]));
        u.Const(Scale(u)).Const(Zero(u, x));
        if (u.Draw.OnceIn(2))
            u.Const(u.Data(DType.Int32, [group * perOut]));
    }

    private static void Pair(UseBuilder u)
    {
        DType type = u.Draw.Pick(s_bytes);
        long[] shape = u.Draw.Shape(1, zero: false);
        u.Quantized(Bytes(u, type, u.Draw.Broadcast(shape))).Quantized(Bytes(u, type, u.Draw.Broadcast(shape))).Const(Scale(u)).Const(Zero(u, type));
    }

    private static void One(UseBuilder u, long[] shape)
    {
        DType type = u.Draw.Pick(s_bytes);
        u.Quantized(Bytes(u, type, shape)).Const(Scale(u)).Const(Zero(u, type));
    }

    private static void Concat(UseBuilder u)
    {
        DType type = u.Draw.Pick(s_bytes);
        long[] shape = u.Draw.Shape(1, zero: false);
        int axis = u.Draw.Below(shape.Length);
        u.With("axis", axis).Const(Scale(u)).Const(Zero(u, type));
        for (int i = u.Draw.Between(1, 3); i > 0; i--)
        {
            u.Quantized(Bytes(u, type, [.. shape]));
            shape[axis] = u.Draw.Dim(9);
        }
    }

    private static void AveragePool(UseBuilder u)
    {
        (long[] kernel, long[] image) = ProductUses.Window(u, 2, dilations: false);
        u.With("kernel_shape", kernel).Flag("count_include_pad");
        One(u, [u.Draw.Dim(2), u.Draw.Dim(9), .. image]);
    }

    private static void IntegerToFloat(UseBuilder u)
    {
        long m = u.Draw.Dim(), k = u.Draw.Dim(), n = u.Draw.Dim();
        DType a = u.Draw.Pick(s_bytes), b = u.Draw.Pick(s_bytes);
        u.In(Bytes(u, a, m, k)).Const(Bytes(u, b, k, n)).Const(Scale(u)).Const(Scale(u, u.Draw.OnceIn(2) ? [n] : [])).Const(Zero(u, a)).Const(Zero(u, b));
        if (u.Draw.OnceIn(2))
            u.Const(u.Data(DType.Float32, [n]));
    }

    private static void DynamicMatMul(UseBuilder u)
    {
        long m = u.Draw.Dim(), k = u.Draw.Dim(), n = u.Draw.Dim();
        DType b = u.Draw.Pick(s_bytes);
        u.In(u.Data(DType.Float32, [m, k])).Const(u.Data(b, [k, n])).Const(Elements.Of(DType.Float32, [], 0.0625)).Const(Zero(u, b));
        if (u.Draw.OnceIn(2))
            u.Const(u.Data(DType.Float32, [n]));
    }

    private static void Gemm(UseBuilder u)
    {
        long m = u.Draw.Dim(), k = u.Draw.Dim(), n = u.Draw.Dim();
        DType a = u.Draw.Pick(s_bytes), b = u.Draw.Pick(s_bytes);
        u.Flag("transA").Flag("transB");
        u.Quantized(Bytes(u, a, u.Attributes.Flag("transA") ? [k, m] : [m, k])).Const(Bytes(u, b, u.Attributes.Flag("transB") ? [n, k] : [k, n])).Const(Scale(u)).Const(Zero(u, b));
        if (u.Draw.OnceIn(2))
            u.Const(u.Data(DType.Int32, [n]));
        else
            u.Skip();
        u.Const(Scale(u)).Const(Zero(u, a));
    }

    private static void NBits(UseBuilder u)
    {
        long k = u.Draw.Between(1, 80), n = u.Draw.Dim(20), block = u.Draw.Pick(16, 32, 64), bits = u.Draw.Pick(4, 4, 8), blocks = (k + block - 1) / block;
        u.With("K", k).With("N", n).With("bits", bits).With("block_size", block);
        u.In(u.Data(DType.Float32, [u.Draw.Dim(9), k])).Const(u.Data(DType.UInt8, [n, blocks, block * bits / 8], Wide)).Const(Elements.Random(DType.Float32, u.Draw.OnceIn(2) ? [n * blocks] : [n, blocks], Positive, 3));
        if (u.Draw.OnceIn(2))
            u.Const(u.Data(DType.UInt8, bits == 8 ? [n * blocks] : [n * ((blocks + 1) / 2)], Wide));
    }
}
