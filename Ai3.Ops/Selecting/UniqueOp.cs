using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Unique: the different elements, or slices along an axis, ascending or by first occurrence, with indices of first occurrences, where each
/// slice went, and counts. Slices compare element by element; NaN equals NaN and is above every number, both zeros are equal.
/// </summary>
internal sealed class UniqueOp : DataShapedOp
{
    public static UniqueOp V11 { get; } = new() { Name = "Unique", Since = 11, MinInputs = 1, MaxInputs = 1, MaxOutputs = 4 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact input = node.Tensor(0);
        TypeSet.Any.Check(input, 0);
        if (node.Attributes.Int("sorted", 1) is not (0 or 1) and var sorted)
            throw new OpException($"sorted is {sorted}, must be 0 or 1");
        Dim unique = node.Fresh();
        SymbolicShape? shape = null;
        Dim slices = node.Fresh();
        if (!node.Attributes.Has("axis"))
        {
            shape = [unique];
            slices = input.Shape?.CountOf(..) ?? slices;
        }
        else if (input.Shape is not null)
        {
            Dim[] dims = [.. input.Shape];
            int axis = ShapeMath.NormalizeAxis(node.Attributes.Int("axis"), dims.Length);
            slices = dims[axis];
            dims[axis] = unique;
            shape = SymbolicShape.Create(dims);
        }
        ImmutableArray<ValueFact> all =
            [new TensorFact(input.Type, shape), new TensorFact(DType.Int64, [unique]), new TensorFact(DType.Int64, [slices]), new TensorFact(DType.Int64, [unique])];
        return [.. all.Take(Math.Max(node.OutputCount, 1))];
    }

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Tensor?> inputs, long maxBytes)
    {
        Tensor x = inputs[0]!;
        bool flat = !node.Attributes.Has("axis");
        Shape shape = flat ? [x.Count] : x.Shape;
        int axis = flat ? 0 : ShapeMath.NormalizeAxis(node.Attributes.Int("axis"), shape.Rank);
        var slices = SliceOrder.Of(x, shape, axis, maxBytes);
        Groups groups = Group(slices, node.Attributes.Flag("sorted", true));
        long outer = shape.CountOf(..axis), inner = shape.CountOf((axis + 1)..);
        long[] dims = shape.ToArray();
        dims[axis] = groups.First.Length;
        Tensor values = Allocate(x.Type, Shape.Create(dims), maxBytes);
        for (long o = 0; o < outer && inner > 0; o++)
            for (int u = 0; u < groups.First.Length; u++)
                CopyElements(x, (o * shape[axis] + groups.First[u]) * inner, values, (o * groups.First.Length + u) * inner, inner);
        Value[] all = [values, List(groups.First), List(groups.Inverse), List(groups.Counts)];
        return all[..Math.Clamp(node.OutputCount, 1, 4)];
    }

    /// <summary>Of each group the first slice and the count; of each slice its group.</summary>
    private readonly record struct Groups(long[] First, long[] Inverse, long[] Counts);

    private static Groups Group(SliceOrder slices, bool sorted)
    {
        int[] order = new int[slices.Count];
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        // The index decides between equal slices, so that the first one leads its group.
        Array.Sort(order, (a, b) => slices.Compare(a, b) is not 0 and var c ? c : a.CompareTo(b));
        var inverse = new long[order.Length];
        var first = new List<long>();
        for (int i = 0; i < order.Length; i++)
        {
            if (i == 0 || slices.Compare(order[i - 1], order[i]) != 0)
                first.Add(order[i]);
            inverse[order[i]] = first.Count - 1;
        }
        long[] leaders = [.. first];
        if (!sorted)
        {
            var rank = new long[leaders.Length];
            int[] byFirst = [.. Enumerable.Range(0, leaders.Length).OrderBy(g => leaders[g])];
            for (int i = 0; i < byFirst.Length; i++)
                rank[byFirst[i]] = i;
            leaders = Array.ConvertAll(byFirst, g => first[g]);
            for (int i = 0; i < inverse.Length; i++)
                inverse[i] = rank[inverse[i]];
        }
        var counts = new long[leaders.Length];
        foreach (long group in inverse)
            counts[group]++;
        return new Groups(leaders, inverse, counts);
    }

    private static Tensor List(long[] values) => Tensor.Copy<long>(values, [values.Length]);
}
