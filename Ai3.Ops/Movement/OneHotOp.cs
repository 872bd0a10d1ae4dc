using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>OneHot: an axis of extent depth in which the index' element is on. Negative indices from opset 11.</summary>
internal sealed class OneHotOp() : OpDefinition<OneHotProblem>(OneHotAlgorithms.All)
{
    public static OneHotOp V9 { get; } = new() { Name = "OneHot", Since = 9, MinInputs = 3, MaxInputs = 3 };

    public override bool ReadsValues(NodeFacts node, int index) => index == 1;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact indices = node.Tensor(0), values = node.Tensor(2);
        MovementFacts.RequireWholeBytesOrStrings("OneHot", values.Type);
        Dim? depth = Depth(node);
        if (indices.Shape is null)
            return [new TensorFact(values.Type, null)];
        return [MovementFacts.Output(values.Type, OneHotProblem.OutputShape(indices.Shape, depth ?? node.Fresh(), Axis(node, indices.Shape.Rank)))];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType indices = node.Operand(0), values = node.Operand(2);
        MovementFacts.RequireWholeBytesOrStrings("OneHot", values.Type);
        long depth = Depth(node) is { } dim && dim.TryGetValue(out long known) ? known : throw new OpException("depth is not known");
        return OneHotProblem.Create(indices, node.Operand(1), values, depth, Axis(node, indices.Shape.Rank), negative: node.Opset >= 11)
            with
        { ConstantInputs = node.ConstantInputs };
    }

    public override bool RunsOnHost(NodeFacts node) => StringMoves.Applies(node, 2);

    public override Value[] RunOnHost(NodeFacts node, IReadOnlyList<Value?> inputs, long maxBytes) => StringMoves.Run(this, node, inputs, maxBytes);

    public override Problem? ParseProblem(string key) => OneHotProblem.Parse(key);

    private static Dim? Depth(NodeFacts node)
    {
        if (ScalarValue.Integer(node, 1, "depth") is { } known)
            return known;
        ImmutableArray<Dim> elements = MovementFacts.SmallElements(node, 1);
        return elements is { IsDefault: false, Length: 1 } ? elements[0] : null;
    }

    private static int Axis(NodeFacts node, int rank) => ShapeMath.NormalizeAxis(node.Attributes.Int("axis", -1), rank + 1);
}
