using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <content>The common operators.</content>
public static partial class Eager
{
    private const int Plane = 2;

    /// <summary>Convolution of planes.</summary>
    /// <param name="x">Input [n, iC, iH, iW].</param>
    /// <param name="w">Weights [oC, iC/group, kH, kW].</param>
    /// <param name="b">Bias [oC]; null for none.</param>
    /// <param name="options">Window and algorithm; null for the defaults.</param>
    /// <returns>[n, oC, oH, oW].</returns>
    public static Tensor Conv2D(Tensor x, Tensor w, Tensor? b = null, Conv2DOptions? options = null)
    {
        options ??= new Conv2DOptions();
        return One("Conv", b is null ? [x, w] : [x, w, b], Attributes.Empty.WithAxes("strides", options.Strides.AsSpan(), Plane).WithPads(options.Pads.AsSpan(), Plane)
            .WithAxes("dilations", options.Dilations.AsSpan(), Plane).WithUnless("group", options.Group, 1), options);
    }

    /// <summary>The largest value under each window: [n, c, h, w] to [n, c, oH, oW].</summary>
    /// <param name="x">Input.</param>
    /// <param name="kernel">The window: height, width; one number for both.</param>
    /// <param name="options">Window and algorithm; null for the defaults.</param>
    public static Tensor MaxPool2D(Tensor x, ReadOnlySpan<long> kernel, Pool2DOptions? options = null) => Pool("MaxPool", x, kernel, options);

    /// <summary>The mean of each window, padding not counted: [n, c, h, w] to [n, c, oH, oW].</summary>
    /// <param name="x">Input.</param>
    /// <param name="kernel">The window: height, width; one number for both.</param>
    /// <param name="options">Window and algorithm; null for the defaults.</param>
    public static Tensor AveragePool2D(Tensor x, ReadOnlySpan<long> kernel, Pool2DOptions? options = null) => Pool("AveragePool", x, kernel, options);

    /// <summary>Matrix product over the last two axes; the others broadcast: [..., m, k] x [..., k, n] to [..., m, n].</summary>
    public static Tensor MatMul(Tensor a, Tensor b, EagerOptions? options = null) => One("MatMul", [a, b], Attributes.Empty, options);

    /// <summary>x w^T + b, as linear layers store their weights: [m, k] x [n, k] to [m, n].</summary>
    /// <param name="x">Input [m, k].</param>
    /// <param name="w">Weights [n, k].</param>
    /// <param name="b">Bias [n]; null for none.</param>
    /// <param name="options">How it is computed; null for the defaults.</param>
    public static Tensor Linear(Tensor x, Tensor w, Tensor? b = null, EagerOptions? options = null) =>
        One("Gemm", b is null ? [x, w] : [x, w, b], Attributes.Empty.With("transB", 1L), options);

    /// <summary>max(x, 0) for each element.</summary>
    public static Tensor Relu(Tensor x, EagerOptions? options = null) => One("Relu", [x], Attributes.Empty, options);

    /// <summary>1 / (1 + exp(-x)) for each element.</summary>
    public static Tensor Sigmoid(Tensor x, EagerOptions? options = null) => One("Sigmoid", [x], Attributes.Empty, options);

    /// <summary>a + b; shapes broadcast.</summary>
    public static Tensor Add(Tensor a, Tensor b, EagerOptions? options = null) => One("Add", [a, b], Attributes.Empty, options);

    /// <summary>a * b; shapes broadcast.</summary>
    public static Tensor Mul(Tensor a, Tensor b, EagerOptions? options = null) => One("Mul", [a, b], Attributes.Empty, options);

    /// <summary>Exponentials that sum to 1 along an axis; counted from the end if negative.</summary>
    public static Tensor Softmax(Tensor x, long axis = -1, EagerOptions? options = null) => One("Softmax", [x], Attributes.Empty.With("axis", axis), options);

    /// <summary>scale * (x - mean) / sqrt(variance + epsilon) + bias with the statistics of the last axis.</summary>
    /// <param name="x">Input [..., n].</param>
    /// <param name="scale">[n].</param>
    /// <param name="bias">[n]; null for none.</param>
    /// <param name="epsilon">Keeps the root from zero.</param>
    /// <param name="options">How it is computed; null for the defaults.</param>
    public static Tensor LayerNormalization(Tensor x, Tensor scale, Tensor? bias = null, float epsilon = 1e-5f, EagerOptions? options = null) =>
        One("LayerNormalization", bias is null ? [x, scale] : [x, scale, bias], Attributes.Empty.With("epsilon", epsilon), options);

    /// <summary>Axis i of the result is axis order[i] of the input.</summary>
    public static Tensor Transpose(Tensor x, ReadOnlySpan<long> order, EagerOptions? options = null) =>
        One("Transpose", [x], Attributes.Empty.With("perm", ((AttributeValue)order).Value), options);

    /// <summary>Tensors one after the other along an axis.</summary>
    public static Tensor Concat(long axis, ReadOnlySpan<Tensor> parts, EagerOptions? options = null) => One("Concat", [.. parts], Attributes.Empty.With("axis", axis), options);

    private static Tensor Pool(string op, Tensor x, ReadOnlySpan<long> kernel, Pool2DOptions? options)
    {
        options ??= new Pool2DOptions();
        return One(op, [x], Attributes.Empty.WithAxes("kernel_shape", kernel, Plane).WithAxes("strides", options.Strides.AsSpan(), Plane)
            .WithPads(options.Pads.AsSpan(), Plane).WithUnless("ceil_mode", options.CeilMode ? 1L : 0, 0), options);
    }
}
