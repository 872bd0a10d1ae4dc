using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Gather: slices of the data along an axis, picked by indices.</summary>
internal sealed class GatherOp() : OpDefinition<GatherProblem>(GatherAlgorithms.All)
{
    public static GatherOp V1 { get; } = new() { Name = "Gather", MinInputs = 2, MaxInputs = 2 };

    /// <summary>Indices that are shape arithmetic are read where the data is.</summary>
    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact data = node.Tensor(0), indices = node.Tensor(1);
        MovementFacts.RequireIndexType(indices.Type, "indices");
        if (data.Shape is null || indices.Shape is null)
            return [new TensorFact(data.Type, null)];
        int axis = ShapeMath.NormalizeAxis(node.Attributes.Int("axis", 0), data.Shape.Rank);
        return [MovementFacts.Output(data.Type, OutputShape(data.Shape, indices.Shape, axis), Elements(node, data.Shape))];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType data = node.Operand(0);
        int axis = ShapeMath.NormalizeAxis(node.Attributes.Int("axis", 0), data.Shape.Rank);
        return GatherProblem.Create(data, node.Operand(1), axis) with { ConstantInputs = node.ConstantInputs };
    }

    public override bool RunsOnHost(NodeFacts node) => StringMoves.Applies(node);

    public override Value[] RunOnHost(NodeFacts node, IReadOnlyList<Value?> inputs, long maxBytes) => StringMoves.Run(this, node, inputs, maxBytes);

    public override Problem? ParseProblem(string key) => GatherProblem.Parse(key);

    internal static SymbolicShape OutputShape(SymbolicShape data, SymbolicShape indices, int axis) =>
        SymbolicShape.Create([.. data.Take(axis), .. indices, .. data.Skip(axis + 1)]);

    private static ImmutableArray<Dim> Elements(NodeFacts node, SymbolicShape data)
    {
        if (data.Rank != 1)
            return default;
        ImmutableArray<Dim> elements = MovementFacts.SmallElements(node, 0), indices = MovementFacts.SmallElements(node, 1);
        if (elements.IsDefault || indices.IsDefault || indices.Any(i => !i.IsKnown))
            return default;
        return [.. indices.Select(i => elements[ShapeMath.NormalizeAxis(i.Value, elements.Length)])];
    }
}
