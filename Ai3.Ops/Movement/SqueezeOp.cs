using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Squeeze: drops axes of extent 1. Axes are an attribute before opset 13, then an input; all such axes if not given.</summary>
internal sealed class SqueezeOp : ViewOp
{
    public static SqueezeOp V1 { get; } = new() { Name = "Squeeze", Since = 1, Until = 12, MinInputs = 1, MaxInputs = 1 };

    public static SqueezeOp V13 { get; } = new() { Name = "Squeeze", Since = 13, MinInputs = 1, MaxInputs = 2 };

    public override string Word => "squeeze";

    protected override SymbolicShape? OutputShape(NodeFacts node)
    {
        SymbolicShape? input = node.Tensor(0).Shape;
        bool given = Since >= 13 ? node.Has(1) : node.Attributes.Has("axes");
        if (!given)
            return input is { IsKnown: true } ? SymbolicShape.Create([.. input.Where(d => !d.Is(1))]) : null;
        ImmutableArray<long> axes = Since >= 13 ? MovementFacts.IntList(node, 1, "axes") : node.Attributes.Ints("axes");
        if (input is null)
            return null;
        if (axes.IsDefault)
            return Since >= 13 && MovementFacts.ListLength(node, 1) is { } count && count <= input.Rank
                ? MovementFacts.FreshShape(node, input.Rank - (int)count) : null;
        int[] dropped = ShapeMath.NormalizeAxes(axes.AsSpan(), input.Rank);
        foreach (int axis in dropped)
            if (input[axis].IsKnown && !input[axis].Is(1))
                throw new OpException($"axis {axis} of {input} has extent {input[axis]}, only 1 can be squeezed");
        return SymbolicShape.Create([.. input.Where((_, i) => Array.IndexOf(dropped, i) < 0)]);
    }
}
