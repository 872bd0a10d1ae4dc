using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>GatherElements: an element for each index, at the index' own place but along an axis.</summary>
internal sealed class GatherElementsOp() : OpDefinition<GatherElementsProblem>(GatherElementsAlgorithms.All)
{
    public static GatherElementsOp V11 { get; } = new() { Name = "GatherElements", Since = 11, MinInputs = 2, MaxInputs = 2 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact data = node.Tensor(0), indices = node.Tensor(1);
        MovementFacts.RequireIndexType(indices.Type, "indices");
        if (data.Shape is not null && indices.Shape is not null)
            ElementIndices.CheckShapes(data.Shape, indices.Shape, Axis(node, data.Shape.Rank));
        return [MovementFacts.Output(data.Type, indices.Shape)];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType data = node.Operand(0);
        return GatherElementsProblem.Create(data, node.Operand(1), Axis(node, data.Shape.Rank)) with { ConstantInputs = node.ConstantInputs };
    }

    public override bool RunsOnHost(NodeFacts node) => StringMoves.Applies(node);

    public override Value[] RunOnHost(NodeFacts node, IReadOnlyList<Value?> inputs, long maxBytes) => StringMoves.Run(this, node, inputs, maxBytes);

    public override Problem? ParseProblem(string key) => GatherElementsProblem.Parse(key);

    private static int Axis(NodeFacts node, int rank) => ShapeMath.NormalizeAxis(node.Attributes.Int("axis", 0), rank);
}
