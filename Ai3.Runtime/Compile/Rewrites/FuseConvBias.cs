namespace Ai3.Runtime;

/// <summary>Conv, then Add, Sub or Mul of a constant per output channel: folded into weights and bias.</summary>
internal sealed class FuseConvBias : IRewrite
{
    public string Name => "fuse_conv_bias";

    public bool Apply(RewriteContext context)
    {
        bool changed = false;
        foreach (Node conv in context.NodesOf("Conv"))
            while (TryFuse(context, conv))
                changed = true;
        return changed;
    }

    private static bool TryFuse(RewriteContext context, Node conv)
    {
        if (!conv.Fusion.IsNone || context.OnlyReader(conv, "Add", "Sub", "Mul") is not { } reader || reader.Inputs.Count != 2)
            return false;
        // Old opsets place the operand by an axis attribute.
        if (reader.Attributes.Has("axis") || conv.Outputs[0]!.Tensor?.Shape is not { } shape || ConvParts.Weights(conv) is not { } weights)
            return false;
        int place = ReferenceEquals(reader.Inputs[0], conv.Outputs[0]) ? 1 : 0;
        if (reader.OpType == "Sub" && place == 0)
            return false;
        long channels = weights.Shape[0];
        double[]? operand = ConvParts.PerChannel(reader.Inputs[place]?.Constant, shape.Rank, channels);
        if (operand is null || reader.Outputs[0]?.Tensor?.Shape is not { } result || !result.Equals(shape))
            return false;
        double[] ones = [.. Enumerable.Repeat(1.0, operand.Length)], zeros = new double[operand.Length];
        bool folded = reader.OpType switch
        {
            "Add" => ConvParts.ScaleAndShift(context.Patch, conv, ones, operand),
            "Sub" => ConvParts.ScaleAndShift(context.Patch, conv, ones, [.. operand.Select(v => -v)]),
            _ => ConvParts.ScaleAndShift(context.Patch, conv, operand, zeros),
        };
        if (folded)
            context.Patch.Absorb(conv, reader);
        return folded;
    }
}
