using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <content>Element-wise operators and reductions.</content>
public sealed partial class GraphBuilder
{
    /// <summary>max(x, 0).</summary>
    public Operand Relu(Operand x) => One("Relu", [x]);

    /// <summary>x where positive, otherwise alpha * x.</summary>
    public Operand LeakyRelu(Operand x, float alpha = 0.01f) => One("LeakyRelu", [x], Attributes.Empty.With("alpha", alpha));

    /// <summary>1 / (1 + exp(-x)).</summary>
    public Operand Sigmoid(Operand x) => One("Sigmoid", [x]);

    /// <summary>max(0, min(1, alpha * x + beta)).</summary>
    public Operand HardSigmoid(Operand x, float alpha = 0.2f, float beta = 0.5f) => One("HardSigmoid", [x], Attributes.Empty.With("alpha", alpha).With("beta", beta));

    /// <summary>x * max(0, min(1, x / 6 + 1/2)); opset 14 and newer.</summary>
    public Operand HardSwish(Operand x) => One("HardSwish", [x]);

    /// <summary>x * sigmoid(x), as two nodes.</summary>
    public Operand Silu(Operand x) => Mul(x, Sigmoid(x));

    /// <summary>x * (1 + erf(x / sqrt(2))) / 2: one node from opset 20 on, otherwise written out.</summary>
    public Operand Gelu(Operand x) => Opset >= 20 ? One("Gelu", [x]) : x * (Erf(x / Math.Sqrt(2)) + 1) * 0.5;

    /// <summary>Hyperbolic tangent.</summary>
    public Operand Tanh(Operand x) => One("Tanh", [x]);

    /// <summary>The error function.</summary>
    public Operand Erf(Operand x) => One("Erf", [x]);

    /// <summary>e to the power of x.</summary>
    public Operand Exp(Operand x) => One("Exp", [x]);

    /// <summary>Natural logarithm.</summary>
    public Operand Log(Operand x) => One("Log", [x]);

    /// <summary>Square root.</summary>
    public Operand Sqrt(Operand x) => One("Sqrt", [x]);

    /// <summary>Absolute value.</summary>
    public Operand Abs(Operand x) => One("Abs", [x]);

    /// <summary>-x.</summary>
    public Operand Neg(Operand x) => One("Neg", [x]);

    /// <summary>x limited to a range.</summary>
    /// <param name="x">Input.</param>
    /// <param name="min">The lower limit; null for none.</param>
    /// <param name="max">The upper limit; null for none.</param>
    public Operand Clip(Operand x, double? min, double? max) =>
        One("Clip", [x, min is { } low ? ScalarLike(x, low) : null, max is { } high ? ScalarLike(x, high) : null]);

    /// <summary>a + b; shapes broadcast.</summary>
    public Operand Add(Operand a, Operand b) => One("Add", [a, b]);

    /// <summary>a - b; shapes broadcast.</summary>
    public Operand Sub(Operand a, Operand b) => One("Sub", [a, b]);

    /// <summary>a * b; shapes broadcast.</summary>
    public Operand Mul(Operand a, Operand b) => One("Mul", [a, b]);

    /// <summary>a / b; shapes broadcast.</summary>
    public Operand Div(Operand a, Operand b) => One("Div", [a, b]);

    /// <summary>a to the power of b; shapes broadcast.</summary>
    public Operand Pow(Operand a, Operand b) => One("Pow", [a, b]);

    /// <summary>a == b as bool; shapes broadcast.</summary>
    public Operand Equal(Operand a, Operand b) => One("Equal", [a, b]);

    /// <summary>a &lt; b as bool; shapes broadcast.</summary>
    public Operand Less(Operand a, Operand b) => One("Less", [a, b]);

    /// <summary>a &lt;= b as bool; shapes broadcast.</summary>
    public Operand LessOrEqual(Operand a, Operand b) => One("LessOrEqual", [a, b]);

    /// <summary>a &gt; b as bool; shapes broadcast.</summary>
    public Operand Greater(Operand a, Operand b) => One("Greater", [a, b]);

    /// <summary>a and b; shapes broadcast.</summary>
    public Operand And(Operand a, Operand b) => One("And", [a, b]);

    /// <summary>not x.</summary>
    public Operand Not(Operand x) => One("Not", [x]);

    /// <summary>a where the condition holds, otherwise b; shapes broadcast.</summary>
    public Operand Where(Operand condition, Operand a, Operand b) => One("Where", [condition, a, b]);

    /// <summary>The elements in another type.</summary>
    public Operand Cast(Operand x, DType to) => One("Cast", [x], Attributes.Empty.With("to", (long)to));

    /// <summary>The mean over axes.</summary>
    /// <param name="x">Input.</param>
    /// <param name="axes">The axes; all if empty.</param>
    /// <param name="keepDims">Whether reduced axes stay as 1.</param>
    public Operand ReduceMean(Operand x, ReadOnlySpan<long> axes, bool keepDims = true) => Reduce("ReduceMean", x, axes, keepDims);

    /// <summary>The largest value over axes.</summary>
    /// <inheritdoc cref="ReduceMean"/>
    public Operand ReduceMax(Operand x, ReadOnlySpan<long> axes, bool keepDims = true) => Reduce("ReduceMax", x, axes, keepDims);

    /// <summary>The sum over axes.</summary>
    /// <inheritdoc cref="ReduceMean"/>
    public Operand ReduceSum(Operand x, ReadOnlySpan<long> axes, bool keepDims = true) => Reduce("ReduceSum", x, axes, keepDims);

    /// <summary>Where along an axis the largest value is, as int64.</summary>
    /// <param name="x">Input.</param>
    /// <param name="axis">The axis; counted from the end if negative.</param>
    /// <param name="keepDims">Whether the axis stays as 1.</param>
    public Operand ArgMax(Operand x, long axis, bool keepDims = true) =>
        One("ArgMax", [x], Attributes.Empty.With("axis", axis).WithUnless("keepdims", keepDims ? 1L : 0, 1));

    // Axes became an input in opset 13 (sum) and 18 (the others).
    private Operand Reduce(string op, Operand x, ReadOnlySpan<long> axes, bool keepDims)
    {
        Attributes attributes = Attributes.Empty.WithUnless("keepdims", keepDims ? 1L : 0, 1);
        if (axes.IsEmpty)
            return One(op, [x], attributes);
        return op == "ReduceSum" || Opset >= 18 ? One(op, [x, Ints(axes)], attributes) : One(op, [x], attributes.With("axes", ImmutableArray.Create(axes)));
    }
}
