using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>CenterCropPad: axes cut or filled with zeros on both sides, the odd element cut or added behind.</summary>
internal sealed class CenterCropPadOp() : OpDefinition<PadProblem>(PadAlgorithms.All)
{
    public static CenterCropPadOp Definition { get; } = new() { Name = "CenterCropPad", Since = 18, MinInputs = 2, MaxInputs = 2 };

    public override bool ReadsValues(NodeFacts node, int index) => index == 1;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact data = node.Tensor(0);
        MovementFacts.RefuseStrings(Name, data.Type);
        if (data.Shape is null)
            return [new TensorFact(data.Type, null)];
        int[] axes = Axes(node, data.Shape.Rank);
        ImmutableArray<Dim> sizes = MovementFacts.List(node, 1, "shape");
        Dim[] dims = data.Shape.AsSpan().ToArray();
        for (int i = 0; i < axes.Length; i++)
            dims[axes[i]] = sizes.IsDefault ? node.Fresh() : Size(sizes, i, axes.Length);
        return [MovementFacts.Output(data.Type, SymbolicShape.Create(dims))];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType data = node.Operand(0);
        MovementFacts.RefuseStrings(Name, data.Type);
        int[] axes = Axes(node, data.Shape.Rank);
        ImmutableArray<Dim> sizes = MovementFacts.List(node, 1, "shape");
        if (sizes.IsDefault)
            throw new OpException("shape is not known");
        long[] begin = new long[data.Shape.Rank], end = new long[data.Shape.Rank];
        for (int i = 0; i < axes.Length; i++)
        {
            // Positive to add, negative to cut; the quotient is rounded towards zero, so that the odd element is the last one.
            long more = ShapeMath.Add(Size(sizes, i, axes.Length).Value, -data.Shape[axes[i]]);
            (begin[axes[i]], end[axes[i]]) = (more / 2, more - more / 2);
        }
        return PadProblem.Create([data], [.. begin], [.. end], PadMode.Constant, 0);
    }

    public override Problem? ParseProblem(string key) => PadProblem.Parse(key);

    private static int[] Axes(NodeFacts node, int rank)
    {
        ImmutableArray<long> axes = node.Attributes.Ints("axes");
        return axes.IsDefault ? [.. Enumerable.Range(0, rank)] : ShapeMath.NormalizeAxes(axes.AsSpan(), rank);
    }

    private static Dim Size(ImmutableArray<Dim> sizes, int i, int count)
    {
        if (sizes.Length != count)
            throw new OpException($"shape has {sizes.Length} entries, must have {count}: one for each axis");
        return sizes[i].TryGetValue(out long size) && size < 0 ? throw new OpException($"shape has {size}, must be 0 or more") : sizes[i];
    }
}
