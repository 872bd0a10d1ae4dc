using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Scatter (opset 9 and 10), ScatterElements and ScatterND; reductions add and mul from opset 16, max and min from 18.</summary>
internal sealed class ScatterOp(string word, bool bySlice) : OpDefinition<ScatterProblem>(ScatterAlgorithms.All)
{
    // Its successor is the same; models of later opsets that still say Scatter are not valid.
    public static ScatterOp ScatterV9 { get; } = new("scatter", bySlice: false) { Name = "Scatter", Since = 9, Until = 10, MinInputs = 3, MaxInputs = 3 };

    public static ScatterOp ElementsV11 { get; } = new("scatter_elements", bySlice: false) { Name = "ScatterElements", Since = 11, MinInputs = 3, MaxInputs = 3 };

    public static ScatterOp NDV11 { get; } = new("scatter_nd", bySlice: true) { Name = "ScatterND", Since = 11, MinInputs = 3, MaxInputs = 3 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact data = node.Tensor(0), indices = node.Tensor(1), updates = node.Tensor(2);
        DType type = node.SameType(0, 2);
        MovementFacts.RequireIndexType(indices.Type, "indices");
        if (Reduction(node) != ScatterReduction.None && type == DType.String)
            throw new OpException($"{Name} of strings has no reduction {Reduction(node).ToString().ToLowerInvariant()}, must be none");
        if (data.Shape is not null && indices.Shape is not null && updates.Shape is not null)
            ScatterProblem.CheckShapes(data.Shape, indices.Shape, updates.Shape, Axis(node, data.Shape.Rank));
        return [new TensorFact(type, data.Shape)];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType data = node.Operand(0);
        return ScatterProblem.Create(word, data, node.Operand(1), node.Operand(2), Axis(node, data.Shape.Rank), Reduction(node))
            with
        { ConstantInputs = node.ConstantInputs };
    }

    public override bool RunsOnHost(NodeFacts node) => StringMoves.Applies(node);

    public override Value[] RunOnHost(NodeFacts node, IReadOnlyList<Value?> inputs, long maxBytes) => StringMoves.Run(this, node, inputs, maxBytes);

    public override Problem? ParseProblem(string key) => ScatterProblem.Parse(key, word, bySlice);

    private int? Axis(NodeFacts node, int rank) => bySlice ? null : ShapeMath.NormalizeAxis(node.Attributes.Int("axis", 0), rank);

    private static ScatterReduction Reduction(NodeFacts node) => node.Attributes.String("reduction", "none") switch
    {
        "none" => ScatterReduction.None,
        "add" => ScatterReduction.Add,
        "mul" => ScatterReduction.Mul,
        "max" => ScatterReduction.Max,
        "min" => ScatterReduction.Min,
        string other => throw new OpException($"reduction is {other}, must be none, add, mul, max or min"),
    };
}
