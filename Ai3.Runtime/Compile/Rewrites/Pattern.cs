using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Questions that patterns of ai.onnx nodes ask.</summary>
internal static class Pattern
{
    /// <summary>The domain of operators that fuse others.</summary>
    public const string Microsoft = "com.microsoft";

    /// <summary>The node that makes a value as its first output, if it is one of the operators.</summary>
    public static Node? Made(GraphValue? value, params ReadOnlySpan<string> ops) =>
        value?.Producer is { Domain: "", Fusion.IsNone: true } node && ReferenceEquals(node.Outputs[0], value) && ops.Contains(node.OpType) ? node : null;

    /// <summary>
    /// The same node, if nobody but the pattern reads what it computes. Who asks for its shape only does not count: a plan knows the shape without
    /// running the node. The node must stay in the graph.
    /// </summary>
    public static Node? MadeOnlyForThis(RewriteContext context, GraphValue? value, params ReadOnlySpan<string> ops) =>
        value is not null && value.Readers.Count(r => r is not { Domain: "", OpType: "Shape" }) == 1 && !context.Patch.IsOutput(value) ? Made(value, ops) : null;

    /// <summary>The value of a constant with one element, or null.</summary>
    public static double? Scalar(GraphValue? value)
    {
        if (value?.Constant is not { Count: 1 } constant)
            return null;
        return constant.Type switch
        {
            DType.Float32 => constant.AsSpan<float>()[0],
            DType.Float64 => constant.AsSpan<double>()[0],
            DType.Float16 => (double)constant.AsSpan<Half>()[0],
            DType.Int64 => constant.AsSpan<long>()[0],
            DType.Int32 => constant.AsSpan<int>()[0],
            _ => null,
        };
    }

    /// <summary>True if a value is a constant close to a number, as float32 constants of exporters are.</summary>
    public static bool IsNear(GraphValue? value, double number) => Scalar(value) is { } scalar && Math.Abs(scalar - number) <= 1e-4 * Math.Abs(number);

    /// <summary>The two operands of a node in either order, the second a constant with one element.</summary>
    public static (GraphValue Value, double Constant)? WithScalar(Node? node)
    {
        if (node is not { Inputs: [{ } a, { } b] })
            return null;
        if (Scalar(b) is { } right)
            return (a, right);
        return Scalar(a) is { } left ? (b, left) : null;
    }

    /// <summary>The other operand of a node with two.</summary>
    public static GraphValue? Other(Node node, GraphValue? value) => node.Inputs.Count != 2 ? null
        : ReferenceEquals(node.Inputs[0], value) ? node.Inputs[1] : ReferenceEquals(node.Inputs[1], value) ? node.Inputs[0] : null;

    /// <summary>True if a ReduceMean is over the last axis only and keeps it.</summary>
    public static bool IsOverLastAxis(Node mean)
    {
        if (mean.Inputs[0]?.Tensor?.Shape is not { Rank: > 0 } shape || !mean.Attributes.Flag("keepdims", true))
            return false;
        ImmutableArray<long> axes = mean.Attributes.Ints("axes");
        if (axes.IsDefault && mean.Inputs.Count > 1 && mean.Inputs[1]?.Constant is { Type: DType.Int64 } constant)
            axes = [.. constant.AsSpan<long>()];
        return !axes.IsDefault && axes.Length == 1 && (axes[0] == -1 || axes[0] == shape.Rank - 1);
    }

    /// <summary>The value that is squared: x*x, or x to the power of 2.</summary>
    public static GraphValue? Squared(GraphValue? value)
    {
        if (Made(value, "Mul") is { Inputs: [{ } a, { } b] } && ReferenceEquals(a, b))
            return a;
        return Made(value, "Pow") is { } power && Scalar(power.Inputs[1]) == 2 ? power.Inputs[0] : null;
    }

    /// <summary>True if a value is a vector as long as another's last axis.</summary>
    public static bool IsVectorOf(GraphValue? vector, GraphValue x) =>
        vector?.Tensor is { Shape: { Rank: 1 } shape } fact && x.Tensor is { Shape: { Rank: > 0 } whole } other && fact.Type == other.Type && shape[0].IsKnown && shape[0] == whole[^1];
}
