using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Unsqueeze: adds axes of extent 1. Axes count in the output; an attribute before opset 13, then an input.</summary>
internal sealed class UnsqueezeOp : ViewOp
{
    public static UnsqueezeOp V1 { get; } = new() { Name = "Unsqueeze", Since = 1, Until = 12, MinInputs = 1, MaxInputs = 1 };

    public static UnsqueezeOp V13 { get; } = new() { Name = "Unsqueeze", Since = 13, MinInputs = 2, MaxInputs = 2 };

    public override string Word => "unsqueeze";

    protected override SymbolicShape? OutputShape(NodeFacts node)
    {
        SymbolicShape? input = node.Tensor(0).Shape;
        ImmutableArray<long> axes = Since >= 13 ? MovementFacts.IntList(node, 1, "axes") : node.Attributes.Ints("axes");
        if (Since < 13 && axes.IsDefault)
            throw new OpException("attribute axes is missing");
        if (input is null)
            return null;
        if (axes.IsDefault)
            return MovementFacts.ListLength(node, 1) is { } count ? MovementFacts.FreshShape(node, input.Rank + (int)count) : null;
        int rank = input.Rank + axes.Length;
        int[] added = ShapeMath.NormalizeAxes(axes.AsSpan(), rank);
        var dims = new Dim[rank];
        for (int i = 0, next = 0; i < rank; i++)
            dims[i] = Array.IndexOf(added, i) >= 0 ? 1 : input[next++];
        return SymbolicShape.Create(dims);
    }
}
