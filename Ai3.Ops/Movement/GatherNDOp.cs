using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>GatherND: a slice of the data for each index tuple; leading batch dimensions from opset 12.</summary>
internal sealed class GatherNDOp() : OpDefinition<GatherNDProblem>(GatherNDAlgorithms.All)
{
    public static GatherNDOp V11 { get; } = new() { Name = "GatherND", Since = 11, MinInputs = 2, MaxInputs = 2 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact data = node.Tensor(0), indices = node.Tensor(1);
        MovementFacts.RequireIndexType(indices.Type, "indices");
        SymbolicShape? output = data.Shape is null || indices.Shape is null ? null
            : TupleIndices.SlicesShape(data.Shape, indices.Shape, node.Attributes.Int("batch_dims", 0));
        return [MovementFacts.Output(data.Type, output)];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType data = node.Operand(0);
        return GatherNDProblem.Create(data, node.Operand(1), node.Attributes.Int("batch_dims", 0)) with { ConstantInputs = node.ConstantInputs };
    }

    public override bool RunsOnHost(NodeFacts node) => StringMoves.Applies(node);

    public override Value[] RunOnHost(NodeFacts node, IReadOnlyList<Value?> inputs, long maxBytes) => StringMoves.Run(this, node, inputs, maxBytes);

    public override Problem? ParseProblem(string key) => GatherNDProblem.Parse(key);
}
