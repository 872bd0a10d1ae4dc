using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Pad of zeros on spatial axes, then Conv: the padding joins the convolution's own.</summary>
internal sealed class FoldPadIntoConv : IRewrite
{
    public string Name => "fold_pad_into_conv";

    public bool Apply(RewriteContext context)
    {
        bool changed = false;
        foreach (Node pad in context.NodesOf("Pad"))
        {
            if (context.OnlyReader(pad, "Conv") is not { } conv || !ReferenceEquals(conv.Inputs[0], pad.Outputs[0]))
                continue;
            if (conv.Attributes.String("auto_pad", "NOTSET") is not ("NOTSET" or "VALID") || ZeroPads(pad) is not { } pads)
                continue;
            int spatial = pads.Length / 2 - 2;
            if (pads.Any(p => p < 0) || pads[0] != 0 || pads[1] != 0 || pads[spatial + 2] != 0 || pads[spatial + 3] != 0)
                continue;
            ImmutableArray<long> own = conv.Attributes.Ints("pads");
            if (own.IsDefaultOrEmpty)
                own = [.. new long[2 * spatial]];
            var merged = new long[2 * spatial];
            for (int i = 0; i < spatial; i++)
            {
                merged[i] = ShapeMath.Add(own[i], pads[i + 2]);
                merged[spatial + i] = ShapeMath.Add(own[spatial + i], pads[spatial + 4 + i]);
            }
            conv.Attributes = conv.Attributes.Without("auto_pad").With("pads", ImmutableArray.Create(merged));
            conv.Origins = [.. pad.Origins, .. conv.Origins];
            context.Patch.SetInput(conv, 0, pad.Inputs[0]);
            context.Patch.Remove(pad);
            changed = true;
        }
        return changed;
    }

    // Pads for each axis, begins then ends; null unless they are constant zeros of the plain form.
    private static ImmutableArray<long>? ZeroPads(Node pad)
    {
        if (pad.Attributes.String("mode", "constant") != "constant" || pad.Inputs[0]?.Tensor?.Shape is not { } shape)
            return null;
        ImmutableArray<long> pads = pad.Attributes.Ints(pad.Attributes.Has("paddings") ? "paddings" : "pads");
        if (pads.IsDefault)
        {
            if (pad.Inputs.Count < 2 || pad.Inputs[1]?.Constant is not { Type: DType.Int64 } constant || (pad.Inputs.Count > 3 && pad.Inputs[3] is not null))
                return null;
            pads = [.. constant.AsSpan<long>()];
        }
        bool zero = pad.Attributes.Float("value", 0) == 0
            && (pad.Inputs.Count < 3 || pad.Inputs[2] is not { } value || value.Constant is { Type: DType.Float32 } c && c.AsSpan<float>()[0] == 0);
        return zero && pads.Length == 2 * shape.Rank && shape.Rank > 2 ? pads : null;
    }
}
