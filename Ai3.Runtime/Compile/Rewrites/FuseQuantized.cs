using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>
/// DequantizeLinear, Conv or MatMul, QuantizeLinear: becomes QLinearConv or QLinearMatMul where that is cheaper. A Relu or Clip in between goes
/// too where saturation does the same. The sum is exact and rounded once, so that results are at least as close to the real ones.
/// </summary>
internal sealed class FuseQuantized : IRewrite
{
    // Tools write the bias's scale as a rounded product of two others.
    private const double ScaleTolerance = 1e-5;

    public string Name => "fuse_quantized";

    public bool Apply(RewriteContext context)
    {
        bool changed = false;
        foreach (Node node in context.NodesOf("Conv", "MatMul"))
            changed |= TryFuse(context, node);
        return changed;
    }

    private static bool TryFuse(RewriteContext context, Node node)
    {
        if (node.Opset < 10 || !node.Fusion.IsNone || QuantizedParts.Behind(node.Inputs[0]) is not { IsPerTensor: true, Type: not DType.Int32 } x
            || QuantizedParts.Behind(node.Inputs[1]) is not { Type: not DType.Int32 } w || w.Codes.Constant is null)
            return false;
        Node? clamp = context.OnlyReader(node, "Relu", "Clip");
        if (QuantizedParts.Of(context.OnlyReader(clamp ?? node, "QuantizeLinear")) is not { } y || clamp is not null && !IsSaturation(clamp, y))
            return false;
        if (!ReferenceEquals(y.Node.Inputs[0], (clamp ?? node).Outputs[0]))
            return false;
        bool conv = node.OpType == "Conv";
        if (!w.IsAlong(conv ? 0 : w.Codes.Constant.Shape.Rank - 1) || !conv && w.Codes.Constant.Shape.Rank < 2)
            return false;
        GraphValue? bias = null;
        if (node.Inputs.Count > 2 && node.Inputs[2] is { } real)
        {
            if (!conv || QuantizedParts.Behind(real) is not { Type: DType.Int32 } b || b.Codes.Constant is null || !IsProduct(b, x, w))
                return false;
            bias = b.Codes;
        }
        if (!QuantizedCost.IsCheaper(context, node, x, w, y, bias))
            return false;
        GraphValue output = y.Codes;
        y.Node.OutputList[0] = null;
        GraphValue?[] inputs = [x.Codes, x.Scale, x.ZeroOr(context.Patch), w.Codes, w.Scale, w.ZeroOr(context.Patch), y.Scale, y.ZeroOr(context.Patch)];
        if (bias is not null)
            inputs = [.. inputs, bias];
        Node fused = context.Patch.InsertBefore(y.Node, conv ? "QLinearConv" : "QLinearMatMul", node.Attributes, inputs, [output]);
        fused.Origins = [node.Name, y.Node.Name];
        context.Patch.Remove(y.Node);
        if (clamp is not null)
            context.Patch.Remove(clamp);
        GraphValue? realBias = bias is null ? null : node.Inputs[2];
        context.Patch.Remove(node);
        // What nobody reads now must not be folded.
        foreach (Node? unread in new[] { x.Node, w.Node, realBias?.Producer }.Distinct())
            if (unread?.Outputs[0] is { Readers.Count: 0 } value && !context.Patch.IsOutput(value))
                context.Patch.Remove(unread);
        return true;
    }

    // The bias must be in units of x scale times w scale, its zero point 0.
    private static bool IsProduct(QuantizedParts bias, QuantizedParts x, QuantizedParts w)
    {
        long channels = w.Codes.Constant!.Shape[0];
        if (!bias.IsPerTensor && bias.Scale.Constant!.Count != channels || bias.Codes.Constant!.Shape.Rank != 1)
            return false;
        for (int m = 0; m < channels; m++)
        {
            double wanted = (double)x.Scales[0] * w.Scales[w.IsPerTensor ? 0 : m], given = bias.Scales[bias.IsPerTensor ? 0 : m];
            if (Math.Abs(given - wanted) > ScaleTolerance * wanted || bias.ZeroAt(bias.IsPerTensor ? 0 : m) != 0)
                return false;
        }
        return true;
    }

    // Bounds that quantise to the ends of the type, or past them, do nothing.
    private static bool IsSaturation(Node clamp, QuantizedParts y)
    {
        if (Activations.Of(clamp.Domain, clamp.OpType, clamp.Attributes, [.. clamp.Inputs.Select(i => i?.Constant)]) is not { IsClamp: true } activation
            || clamp.Inputs.Skip(1).Any(i => i is { Constant: null }))
            return false;
        int low = y.Type == DType.UInt8 ? 0 : sbyte.MinValue;
        double Quantized(float bound) => Math.Round((double)(bound / y.Scales[0])) + y.ZeroAt(0);
        return Quantized(activation.Low) <= low && Quantized(activation.High) >= low + 255;
    }
}
