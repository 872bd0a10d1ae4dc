using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>StringConcat: the strings of two tensors joined, element by element with broadcasting.</summary>
internal sealed class StringConcatOp : HostOp
{
    public static StringConcatOp V20 { get; } = new() { Name = "StringConcat", Since = 20, MinInputs = 2, MaxInputs = 2 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node) =>
        [new TensorFact(DType.String, Broadcasting.Shape(node, TextFacts.Strings(node, 0).Shape, TextFacts.Strings(node, 1).Shape))];

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Value?> inputs, HostMemory memory)
    {
        Tensor a = (Tensor)inputs[0]!, b = (Tensor)inputs[1]!;
        Shape shape = Broadcasting.Known(a.Shape, b.Shape);
        Tensor result = memory.Allocate(DType.String, shape);
        BroadcastPlan plan = BroadcastPlan.Of(shape.AsSpan(), [StringElementwise.Aligned(a.Shape, shape.Rank), StringElementwise.Aligned(b.Shape, shape.Rank)]);
        Span<string> left = a.AsStrings(), right = b.AsStrings(), y = result.AsStrings();
        Int128 characters = 0;
        for (int i = 0; i < y.Length; i++)
        {
            string first = left[(int)plan.Index(0, i)], second = right[(int)plan.Index(1, i)];
            memory.CheckText(characters += first.Length + second.Length);
            y[i] = first + second;
        }
        return [result];
    }
}
