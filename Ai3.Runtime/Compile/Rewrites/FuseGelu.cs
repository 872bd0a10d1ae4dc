using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Gelu written out: x * 0.5 * (1 + erf(x / sqrt(2))), or with tanh(sqrt(2/pi) (x + 0.044715 x^3)), the factors in any order.</summary>
internal sealed class FuseGelu : IRewrite
{
    private const int Opset = 20;

    private static readonly double RootOfTwoOverPi = Math.Sqrt(2 / Math.PI);

    public string Name => "fuse_gelu";

    public bool Apply(RewriteContext context)
    {
        bool changed = false;
        foreach (Node function in context.NodesOf("Erf", "Tanh"))
        {
            if (function.Outputs[0]?.Tensor is not { Type: DType.Float32 } || context.OnlyReader(function, "Add") is not { } sum
                || Pattern.WithScalar(sum) is not (var value, 1) || !ReferenceEquals(value, function.Outputs[0]))
                continue;
            GraphValue? x = function.OpType == "Erf" ? InsideErf(function.Inputs[0]) : InsideTanh(function.Inputs[0]);
            if (x is null || Product(context, sum, x) is not { } last)
                continue;
            Attributes attributes = Attributes.Empty.With("approximate", function.OpType == "Erf" ? "none" : "tanh");
            context.Patch.Replace(last, "", "Gelu", Opset, attributes, [x], [function, sum, last]);
            changed = true;
        }
        return changed;
    }

    private static GraphValue? InsideErf(GraphValue? argument)
    {
        if (Pattern.Made(argument, "Div") is { } quotient && Pattern.IsNear(quotient.Inputs[1], Math.Sqrt(2)))
            return quotient.Inputs[0];
        return Pattern.WithScalar(Pattern.Made(argument, "Mul")) is (var x, var factor) && Near(factor, Math.Sqrt(0.5)) ? x : null;
    }

    private static GraphValue? InsideTanh(GraphValue? argument)
    {
        if (Pattern.WithScalar(Pattern.Made(argument, "Mul")) is not (var inner, var factor) || !Near(factor, RootOfTwoOverPi))
            return null;
        if (Pattern.Made(inner, "Add") is { Inputs: [{ } a, { } b] })
            return IsCubeTerm(b, a) ? a : IsCubeTerm(a, b) ? b : null;
        return null;
    }

    // 0.044715 x^3, the cube a power or products.
    private static bool IsCubeTerm(GraphValue term, GraphValue x)
    {
        if (Pattern.WithScalar(Pattern.Made(term, "Mul")) is (var cube, var factor) && Near(factor, 0.044715))
        {
            if (Pattern.Made(cube, "Pow") is { } power)
                return ReferenceEquals(power.Inputs[0], x) && Pattern.Scalar(power.Inputs[1]) == 3;
            return Pattern.Made(cube, "Mul") is { } product && Pattern.Other(product, x) is { } square && ReferenceEquals(Pattern.Squared(square), x);
        }
        return false;
    }

    // The node at which x, 0.5 and the sum have been multiplied, in any order.
    private static Node? Product(RewriteContext context, Node sum, GraphValue x)
    {
        if (context.OnlyReader(sum, "Mul") is not { } first || Pattern.Other(first, sum.Outputs[0]) is not { } other)
            return null;
        // 0.5 x comes in, or 0.5 and x, one after the other.
        if (Pattern.WithScalar(Pattern.Made(other, "Mul")) is (var half, var factor) && Near(factor, 0.5) && ReferenceEquals(half, x))
            return first;
        bool isX = ReferenceEquals(other, x), isHalf = Pattern.IsNear(other, 0.5);
        if (!isX && !isHalf || context.OnlyReader(first, "Mul") is not { } second || Pattern.Other(second, first.Outputs[0]) is not { } last)
            return null;
        return isX && Pattern.IsNear(last, 0.5) || isHalf && ReferenceEquals(last, x) ? second : null;
    }

    private static bool Near(double value, double number) => Math.Abs(value - number) <= 1e-4 * number;
}
