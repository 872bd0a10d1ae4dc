using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Expand: broadcasts the input and a shape against each other.</summary>
internal sealed class ExpandOp : StridedCopyOp
{
    public static ExpandOp V8 { get; } = new() { Name = "Expand", Since = 8, MinInputs = 2, MaxInputs = 2 };

    public override string Word => "expand";

    protected override SymbolicShape? OutputShape(NodeFacts node)
    {
        SymbolicShape? input = node.Tensor(0).Shape;
        ImmutableArray<Dim> target = MovementFacts.List(node, 1, "shape");
        if (input is null)
            return null;
        if (target.IsDefault)
            return MovementFacts.ListLength(node, 1) is { } length ? MovementFacts.FreshShape(node, Math.Max(input.Rank, (int)length)) : null;
        int rank = Math.Max(input.Rank, target.Length);
        var dims = new Dim[rank];
        for (int i = 0; i < rank; i++)
        {
            int a = i - (rank - input.Rank), b = i - (rank - target.Length);
            Dim own = a < 0 ? 1 : input[a], wanted = b < 0 ? 1 : target[b];
            if (wanted.TryGetValue(out long value) && value < 0)
                throw new OpException($"shape [{string.Join(",", target)}] has a dimension {value}, must be 0 or more");
            dims[i] = Broadcast(node, own, wanted, input, target);
        }
        return SymbolicShape.Create(dims);
    }

    protected override CopyBox Box(NodeFacts node, Shape input, Shape output)
    {
        long[] strides = ShapeMath.RowMajorStrides(input.AsSpan());
        var steps = new long[output.Rank];
        for (int i = 0; i < strides.Length; i++)
            steps[output.Rank - input.Rank + i] = input[i] == 1 ? 0 : strides[i];
        return CopyBox.Of(output, steps);
    }

    private static Dim Broadcast(NodeFacts node, Dim own, Dim wanted, SymbolicShape input, ImmutableArray<Dim> target)
    {
        if (own == wanted || wanted.Is(1))
            return own;
        if (own.Is(1))
            return wanted;
        if (own.IsKnown && wanted.IsKnown)
            throw new OpException($"{input} cannot be expanded to [{string.Join(",", target)}]: {own} is neither 1 nor {wanted}");
        // One of them is a number other than 1, so the other is that or 1.
        return own.IsKnown ? own : wanted.IsKnown ? wanted : node.Fresh();
    }
}
