using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// SplitToSequence: parts of a tensor along an axis; of one extent each (the last may be smaller), of listed extents, or single
/// slices, whose axis keepdims = 0 drops.
/// </summary>
internal sealed class SplitToSequenceOp : HostOp
{
    public static SplitToSequenceOp V11 { get; } = new() { Name = "SplitToSequence", Since = 11, MinInputs = 1, MaxInputs = 2 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact data = node.Tensor(0);
        ElementRuns.RequireRuns("SplitToSequence", data.Type);
        if (node.OptionalTensor(1) is { } split)
        {
            MovementFacts.RequireIndexType(split.Type, "split");
            if (split.Shape is { Rank: > 1 })
                throw new OpException($"split has shape {split.Shape}, must be a scalar or a list");
        }
        if (data.Shape is null)
            return [new SequenceFact(new TensorFact(data.Type, null))];
        int axis = Axis(node, data.Shape.Rank);
        Dim part = node.Has(1) ? PartExtent(node, data.Shape[axis]) : 1;
        IEnumerable<Dim> dims = DropsAxis(node) ? data.Shape.Where((_, i) => i != axis) : data.Shape.Select((dim, i) => i == axis ? part : dim);
        return [new SequenceFact(new TensorFact(data.Type, SymbolicShape.Create([.. dims])))];
    }

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Value?> inputs, HostMemory memory)
    {
        var data = (Tensor)inputs[0]!;
        int axis = Axis(node, data.Shape.Rank);
        long extent = data.Shape[axis], inner = data.Shape.CountOf((axis + 1)..), outer = data.Shape.CountOf(..axis);
        bool drop = DropsAxis(node);
        var parts = new List<Value>();
        long begin = 0;
        foreach (long size in Sizes(node, extent, memory))
        {
            long[] dims = [.. data.Shape.Select((dim, i) => i == axis ? size : dim)];
            Tensor part = memory.Allocate(data.Type, Shape.Create(dims));
            for (long o = 0; o < outer; o++)
                ElementRuns.Copy(data, (o * extent + begin) * inner, part, o * size * inner, size * inner);
            parts.Add(drop ? Dropped(part, axis) : part);
            begin += size;
        }
        return [new SequenceValue(new TensorFact(data.Type, null), parts)];
    }

    private static Tensor Dropped(Tensor part, int axis)
    {
        Shape shape = Shape.Create([.. part.Shape.Where((_, i) => i != axis)]);
        return part.Type == DType.String ? part.Reshape(shape) : Tensor.Borrow(part.Type, shape, part.Address, part.ByteLength, owner: part);
    }

    private static bool DropsAxis(NodeFacts node) => !node.Has(1) && !node.Attributes.Flag("keepdims", true);

    private static int Axis(NodeFacts node, int rank) => ShapeMath.NormalizeAxis(node.Attributes.Int("axis", 0), rank);

    // The extent of every part, if they are all of one.
    private static Dim PartExtent(NodeFacts node, Dim extent)
    {
        if (node.Tensor(1).Shape is not { Rank: 0 } || node.Tensor(1).Constant is not { } constant || !extent.TryGetValue(out long known))
            return node.Fresh();
        long size = SequenceFacts.Integer(constant);
        return size > 0 && known % size == 0 ? size : node.Fresh();
    }

    private static IEnumerable<long> Sizes(NodeFacts node, long extent, HostMemory memory)
    {
        Tensor? split = node.OptionalTensor(1)?.Constant;
        if (split is { Shape.Rank: 1 })
            return Listed(node.Ints(1), extent);
        long size = split is null ? 1 : SequenceFacts.Integer(split);
        if (size < 1)
            throw new OpException($"split is {size}, must be 1 or more");
        memory.CheckValues(ShapeMath.CeilDiv(extent, size));
        return Chunks(extent, size);
    }

    private static ImmutableArray<long> Listed(ImmutableArray<long> sizes, long extent)
    {
        Int128 sum = 0;
        foreach (long size in sizes)
            sum += size >= 0 ? size : throw new OpException($"a part has size {size}, must be 0 or more");
        return sum == extent ? sizes : throw new OpException($"split [{string.Join(",", sizes)}] adds up to {sum}, must be the axis' extent {extent}");
    }

    private static IEnumerable<long> Chunks(long extent, long size)
    {
        for (long left = extent; left > 0; left -= size)
            yield return Math.Min(size, left);
    }
}
