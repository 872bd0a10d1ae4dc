using Ai3.Ops;

namespace Ai3.Runtime;

/// <content>Layers: products, convolutions, pools, normalizations.</content>
public sealed partial class GraphBuilder
{
    private const int Plane = 2;

    /// <summary>Convolution of planes.</summary>
    /// <param name="x">Input [n, iC, iH, iW].</param>
    /// <param name="w">Weights [oC, iC/group, kH, kW].</param>
    /// <param name="b">Bias [oC]; null for none.</param>
    /// <param name="strides">Steps of the window: height, width.</param>
    /// <param name="pads">Zeros around the input: top, left, bottom, right; or vertical, horizontal; or one number for all sides.</param>
    /// <param name="dilations">Distance of the taps: height, width.</param>
    /// <param name="group">Groups of channels that are convolved apart.</param>
    /// <returns>[n, oC, oH, oW].</returns>
    public Operand Conv2D(
        Operand x, Operand w, Operand? b = null, ReadOnlySpan<long> strides = default, ReadOnlySpan<long> pads = default, ReadOnlySpan<long> dilations = default, long group = 1) =>
        One("Conv", b is null ? [x, w] : [x, w, b], Window(strides, pads).WithAxes("dilations", dilations, Plane).WithUnless("group", group, 1));

    /// <summary>Transposed convolution of planes.</summary>
    /// <param name="x">Input [n, iC, iH, iW].</param>
    /// <param name="w">Weights [iC, oC/group, kH, kW].</param>
    /// <param name="b">Bias [oC]; null for none.</param>
    /// <param name="strides">Steps in the output: height, width.</param>
    /// <param name="pads">Rows and columns cut off the output: top, left, bottom, right; or vertical, horizontal; or one number for all sides.</param>
    /// <param name="outputPadding">Rows and columns added at the end: height, width.</param>
    /// <param name="group">Groups of channels that are convolved apart.</param>
    /// <returns>[n, oC, oH, oW].</returns>
    public Operand ConvTranspose2D(
        Operand x, Operand w, Operand? b = null, ReadOnlySpan<long> strides = default, ReadOnlySpan<long> pads = default, ReadOnlySpan<long> outputPadding = default, long group = 1) =>
        One("ConvTranspose", b is null ? [x, w] : [x, w, b], Window(strides, pads).WithAxes("output_padding", outputPadding, Plane).WithUnless("group", group, 1));

    /// <summary>Matrix product over the last two axes; the others broadcast: [..., m, k] x [..., k, n] to [..., m, n].</summary>
    public Operand MatMul(Operand a, Operand b) => One("MatMul", [a, b]);

    /// <summary>alpha * A B + beta * C, with [m, k] x [k, n] to [m, n].</summary>
    /// <param name="a">A [m, k], or [k, m] if <paramref name="transA"/>.</param>
    /// <param name="b">B [k, n], or [n, k] if <paramref name="transB"/>.</param>
    /// <param name="c">C, which broadcasts to [m, n]; null for none.</param>
    /// <param name="alpha">The factor of the product.</param>
    /// <param name="beta">The factor of C.</param>
    /// <param name="transA">Whether A is given transposed.</param>
    /// <param name="transB">Whether B is given transposed, as linear layers store their weights.</param>
    public Operand Gemm(Operand a, Operand b, Operand? c = null, float alpha = 1, float beta = 1, bool transA = false, bool transB = false) =>
        One("Gemm", c is null ? [a, b] : [a, b, c], Attributes.Empty.WithUnless("alpha", alpha, 1).WithUnless("beta", beta, 1)
            .WithUnless("transA", transA ? 1L : 0, 0).WithUnless("transB", transB ? 1L : 0, 0));

    /// <summary>The largest value under each window.</summary>
    /// <param name="x">Input [n, c, h, w].</param>
    /// <param name="kernel">The window: height, width.</param>
    /// <param name="strides">Steps of the window: height, width; 1 if not given.</param>
    /// <param name="pads">Padding that is never the largest: top, left, bottom, right; or vertical, horizontal; or one number for all sides.</param>
    /// <param name="dilations">Distance of the taps: height, width.</param>
    /// <param name="ceilMode">Whether a last window may reach beyond the padded input.</param>
    public Operand MaxPool(
        Operand x, ReadOnlySpan<long> kernel, ReadOnlySpan<long> strides = default, ReadOnlySpan<long> pads = default, ReadOnlySpan<long> dilations = default, bool ceilMode = false) =>
        One("MaxPool", [x], Window(strides, pads).WithAxes("kernel_shape", kernel, Plane).WithAxes("dilations", dilations, Plane).WithUnless("ceil_mode", ceilMode ? 1L : 0, 0));

    /// <summary>The mean of each window.</summary>
    /// <param name="x">Input [n, c, h, w].</param>
    /// <param name="kernel">The window: height, width.</param>
    /// <param name="strides">Steps of the window: height, width; 1 if not given.</param>
    /// <param name="pads">Padding: top, left, bottom, right; or vertical, horizontal; or one number for all sides.</param>
    /// <param name="countIncludePad">Whether padding counts as zeros.</param>
    /// <param name="ceilMode">Whether a last window may reach beyond the padded input.</param>
    public Operand AveragePool(
        Operand x, ReadOnlySpan<long> kernel, ReadOnlySpan<long> strides = default, ReadOnlySpan<long> pads = default, bool countIncludePad = false, bool ceilMode = false) =>
        One("AveragePool", [x], Window(strides, pads).WithAxes("kernel_shape", kernel, Plane)
            .WithUnless("count_include_pad", countIncludePad ? 1L : 0, 0).WithUnless("ceil_mode", ceilMode ? 1L : 0, 0));

    /// <summary>The mean of each plane: [n, c, h, w] to [n, c, 1, 1].</summary>
    public Operand GlobalAveragePool(Operand x) => One("GlobalAveragePool", [x]);

    /// <summary>The largest value of each plane: [n, c, h, w] to [n, c, 1, 1].</summary>
    public Operand GlobalMaxPool(Operand x) => One("GlobalMaxPool", [x]);

    /// <summary>scale * (x - mean) / sqrt(variance + epsilon) + bias for each channel, with fixed statistics.</summary>
    /// <param name="x">Input [n, c, ...].</param>
    /// <param name="scale">[c].</param>
    /// <param name="bias">[c].</param>
    /// <param name="mean">[c].</param>
    /// <param name="variance">[c].</param>
    /// <param name="epsilon">Keeps the root from zero.</param>
    public Operand BatchNormalization(Operand x, Operand scale, Operand bias, Operand mean, Operand variance, float epsilon = 1e-5f) =>
        One("BatchNormalization", [x, scale, bias, mean, variance], Attributes.Empty.WithUnless("epsilon", epsilon, 1e-5f));

    /// <summary>scale * (x - mean) / sqrt(variance + epsilon) + bias with the statistics of the axes from <paramref name="axis"/> on; opset 17 and newer.</summary>
    /// <param name="x">Input.</param>
    /// <param name="scale">Of the normalized axes' shape.</param>
    /// <param name="bias">Of the normalized axes' shape; null for none.</param>
    /// <param name="axis">The first normalized axis; counted from the end if negative.</param>
    /// <param name="epsilon">Keeps the root from zero.</param>
    public Operand LayerNormalization(Operand x, Operand scale, Operand? bias = null, long axis = -1, float epsilon = 1e-5f) =>
        One("LayerNormalization", bias is null ? [x, scale] : [x, scale, bias], Attributes.Empty.WithUnless("axis", axis, -1).WithUnless("epsilon", epsilon, 1e-5f));

    /// <summary>Exponentials that sum to 1 along an axis.</summary>
    /// <param name="x">Input.</param>
    /// <param name="axis">The axis; counted from the end if negative.</param>
    public Operand Softmax(Operand x, long axis = -1) => One("Softmax", [x], Attributes.Empty.WithUnless("axis", axis, -1));

    /// <summary>The logarithm of <see cref="Softmax"/>.</summary>
    /// <param name="x">Input.</param>
    /// <param name="axis">The axis; counted from the end if negative.</param>
    public Operand LogSoftmax(Operand x, long axis = -1) => One("LogSoftmax", [x], Attributes.Empty.WithUnless("axis", axis, -1));

    private static Attributes Window(ReadOnlySpan<long> strides, ReadOnlySpan<long> pads) =>
        Attributes.Empty.WithAxes("strides", strides, Plane).WithPads(pads, Plane);

    private Operand One(string op, ReadOnlySpan<Operand?> inputs, Attributes? attributes = null) => AddNode(op, inputs, attributes ?? Attributes.Empty, 1, null)[0];
}
