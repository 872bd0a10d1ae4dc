using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>ArrayFeatureExtractor: elements picked along the last axis; a list becomes a matrix of one row.</summary>
internal sealed class ArrayFeatureExtractorOp() : OpDefinition<GatherProblem>(GatherAlgorithms.All)
{
    public static ArrayFeatureExtractorOp V1 { get; } =
        new() { Domain = MachineLearningOps.Domain, Name = "ArrayFeatureExtractor", MinInputs = 2, MaxInputs = 2 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact data = node.Tensor(0), indices = node.Tensor(1);
        if (data.Type is not (DType.Float32 or DType.Float64 or DType.Int64 or DType.Int32 or DType.String or DType.Undefined))
            throw new OpException($"input 0 is {data.Type.ShortName()}, must be f32, f64, i64, i32 or string");
        if (indices.Type is not (DType.Int64 or DType.Undefined))
            throw new OpException($"input 1 is {indices.Type.ShortName()}, must be i64");
        if (data.Shape is { Rank: 0 })
            throw new OpException("input 0 is a scalar, must have an axis of features");
        Dim count = indices.Shape?.CountOf(..) ?? node.Fresh();
        return [new TensorFact(data.Type, data.Shape is null ? null : OutputShape(data.Shape, count))];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        Infer(node);
        TensorType data = node.Operand(0), indices = node.Operand(1);
        GatherProblem problem = GatherProblem.Create(data, indices with { Shape = [indices.Shape.Count] }, data.Shape.Rank - 1);
        return problem with { Output = MovementFacts.Operand(data.Type, OutputShape(data.Shape, indices.Shape.Count)), ConstantInputs = node.ConstantInputs };
    }

    public override Problem? ParseProblem(string key) => GatherProblem.Parse(key);

    public override bool RunsOnHost(NodeFacts node) => StringMoves.Applies(node);

    public override Value[] RunOnHost(NodeFacts node, IReadOnlyList<Value?> inputs, long maxBytes) => StringMoves.Run(this, node, inputs, maxBytes);

    private static SymbolicShape OutputShape(SymbolicShape data, Dim count) =>
        data.Rank == 1 ? SymbolicShape.Create(1, count) : SymbolicShape.Create([.. data.Take(data.Rank - 1), count]);
}
