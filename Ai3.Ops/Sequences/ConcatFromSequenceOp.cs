using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>ConcatFromSequence: the elements joined along an axis, or stacked along a new one.</summary>
internal sealed class ConcatFromSequenceOp : HostOp
{
    public static ConcatFromSequenceOp V11 { get; } = new() { Name = "ConcatFromSequence", Since = 11, MinInputs = 1, MaxInputs = 1 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        if (SequenceFacts.Element(node, 0) is not TensorFact element)
            throw new OpException($"input 0 is {node.Inputs[0]}, must be a sequence of tensors");
        ElementRuns.RequireRuns("ConcatFromSequence", element.Type);
        long axis = node.Attributes.Int("axis");
        if (element.Shape is not { } shape)
            return [new TensorFact(element.Type, null)];
        if (IsStack(node))
            return [new TensorFact(element.Type, SymbolicShape.Create([.. Inserted(shape, ShapeMath.NormalizeAxis(axis, shape.Rank + 1), node.Fresh())]))];
        int at = ShapeMath.NormalizeAxis(axis, shape.Rank);
        return [new TensorFact(element.Type, SymbolicShape.Create([.. shape.Select((dim, i) => i == at ? node.Fresh() : dim)]))];
    }

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Value?> inputs, HostMemory memory)
    {
        Tensor[] parts = [.. ((SequenceValue)inputs[0]!).Items.Select(v => v as Tensor ?? throw new OpException($"an element is {v.Fact}, must be a tensor"))];
        if (parts.Length == 0)
            throw new OpException("an empty sequence has nothing to join");
        bool stack = IsStack(node);
        Shape first = parts[0].Shape;
        int axis = ShapeMath.NormalizeAxis(node.Attributes.Int("axis"), first.Rank + (stack ? 1 : 0));
        long sum = 0;
        foreach (Tensor part in parts)
        {
            CheckPart(parts[0], part, stack ? -1 : axis);
            sum = ShapeMath.Add(sum, stack ? 1 : part.Shape[axis]);
        }
        Shape whole = Shape.Create([.. stack ? Inserted(first, axis, sum) : first.Select((dim, i) => i == axis ? sum : dim)]);
        Tensor result = memory.Allocate(parts[0].Type, whole);
        long outer = whole.CountOf(..axis), row = whole.CountOf(axis..), begin = 0;
        foreach (Tensor part in parts)
        {
            long run = part.Shape.CountOf(axis..);
            for (long o = 0; o < outer; o++)
                ElementRuns.Copy(part, o * run, result, o * row + begin, run);
            begin += run;
        }
        return [result];
    }

    private static bool IsStack(NodeFacts node) => node.Attributes.Flag("new_axis");

    private static void CheckPart(Tensor first, Tensor part, int joined)
    {
        bool fits = part.Type == first.Type && part.Shape.Rank == first.Shape.Rank;
        for (int i = 0; fits && i < first.Shape.Rank; i++)
            fits = i == joined || part.Shape[i] == first.Shape[i];
        if (!fits)
            throw new OpException($"an element is {part}, must be as {first}{(joined < 0 ? "" : $" except for axis {joined}")}");
    }

    private static IEnumerable<T> Inserted<T>(IEnumerable<T> dims, int axis, T dim) => dims.Take(axis).Append(dim).Concat(dims.Skip(axis));
}
