using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>com.microsoft ExpandDims: adds one axis of extent 1; input 1 says where, counted in the output.</summary>
internal sealed class ExpandDimsOp : ViewOp
{
    public static ExpandDimsOp Definition { get; } = new() { Domain = "com.microsoft", Name = "ExpandDims", MinInputs = 2, MaxInputs = 2 };

    public override string Word => "expanddims";

    protected override SymbolicShape? OutputShape(NodeFacts node)
    {
        if (node.Tensor(1) is { Shape: { } list } && list.CountOf(..).TryGetValue(out long count) && count != 1)
            throw new OpException($"axis has shape {list}, must be one number");
        if (node.Tensor(0).Shape is not { } input)
            return null;
        if (node.Ints(1) is not { IsDefault: false } axes)
            return MovementFacts.FreshShape(node, input.Rank + 1);
        int axis = ShapeMath.NormalizeAxis(axes[0], input.Rank + 1);
        return SymbolicShape.Create([.. input.Take(axis), 1, .. input.Skip(axis)]);
    }
}
