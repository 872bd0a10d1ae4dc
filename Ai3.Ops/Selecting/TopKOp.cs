using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>TopK: k is an attribute before opset 10, the least elements may be asked for from opset 11. The output is always sorted.</summary>
internal sealed class TopKOp() : OpDefinition<TopKProblem>(TopKAlgorithms.All)
{
    public static ImmutableArray<OpDefinition> All { get; } =
    [
        new TopKOp { Name = "TopK", Until = 9, MinInputs = 1, MaxInputs = 1, MaxOutputs = 2 },
        new TopKOp { Name = "TopK", Since = 10, MinInputs = 2, MaxInputs = 2, MaxOutputs = 2 },
    ];

    public override bool ReadsValues(NodeFacts node, int index) => index == 1;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact input = node.Tensor(0);
        TypeSet.Numeric.Check(input, 0);
        Dim? k = K(node);
        if (input.Shape is null)
            return [new TensorFact(input.Type, null), new TensorFact(DType.Int64, null)];
        int axis = Axis(node, input.Shape.Rank);
        Dim extent = input.Shape[axis];
        if (k is { } known && known.TryGetValue(out long count) && (count < 0 || extent.TryGetValue(out long most) && count > most))
            throw new OpException($"k is {count}, must be in [0, {extent}], the extent of axis {axis} of {input}");
        Dim[] dims = [.. input.Shape];
        dims[axis] = k ?? node.Fresh();
        var shape = SymbolicShape.Create(dims);
        return [new TensorFact(input.Type, shape), new TensorFact(DType.Int64, shape)];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType input = node.Operand(0);
        long k = K(node) is { } dim && dim.TryGetValue(out long known) ? known : throw new OpException("k is not known");
        bool largest = Since < 10 || node.Opset < 11 || node.Attributes.Flag("largest", true);
        return TopKProblem.Create(input, Since < 10 ? TensorType.Absent : node.Operand(1), Axis(node, input.Shape.Rank), k, largest)
            with
        { ConstantInputs = node.ConstantInputs };
    }

    public override Problem? ParseProblem(string key) => TopKProblem.Parse(key) is { } p && p.KInput.IsAbsent == Since < 10 && (Since >= 10 || p.Largest) ? p : null;

    private static int Axis(NodeFacts node, int rank) => ShapeMath.NormalizeAxis(node.Attributes.Int("axis", -1), rank);

    private Dim? K(NodeFacts node)
    {
        if (Since < 10)
            return node.Attributes.Int("k");
        TensorFact k = node.Tensor(1);
        MovementFacts.RequireIndexType(k.Type, "k");
        if (k.Shape is not null && k.Shape.TryGetShape(out Shape shape) && (shape.Rank > 1 || shape.Count != 1))
            throw new OpException($"k has shape {shape}, must be one number");
        ImmutableArray<Dim> elements = MovementFacts.SmallElements(node, 1);
        return elements is { IsDefault: false, Length: 1 } ? elements[0] : null;
    }
}
