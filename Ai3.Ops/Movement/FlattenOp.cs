using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Flatten: the axes before and from an axis become one each.</summary>
internal sealed class FlattenOp : ViewOp
{
    public static FlattenOp V1 { get; } = new() { Name = "Flatten", MinInputs = 1, MaxInputs = 1 };

    public override string Word => "flatten";

    protected override SymbolicShape? OutputShape(NodeFacts node)
    {
        SymbolicShape? input = node.Tensor(0).Shape;
        if (input is null)
            return MovementFacts.FreshShape(node, 2);
        long axis = node.Attributes.Int("axis", 1);
        if (axis < -input.Rank || axis > input.Rank)
            throw new OpException($"axis {axis} is outside [{-input.Rank}, {input.Rank}] for input {input}");
        int split = (int)(axis < 0 ? axis + input.Rank : axis);
        return [input.CountOf(..split), input.CountOf(split..)];
    }
}
