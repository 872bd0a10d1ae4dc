using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>com.microsoft CDist: distances between the rows of two matrices.</summary>
internal sealed class CDistOp() : OpDefinition<CDistProblem>(CDistAlgorithms.All)
{
    public static CDistOp Definition { get; } = new() { Domain = "com.microsoft", Name = "CDist", MinInputs = 2, MaxInputs = 2 };

    public override Oracle<CDistProblem> Oracle => CDistAlgorithms.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        DType type = node.SameType(0, 1);
        if (type is not (DType.Float32 or DType.Float64 or DType.Undefined))
            throw new OpException($"operands are {type.ShortName()}, must be f32 or f64");
        IsSquared(node);
        SymbolicShape? a = Matrix(node, 0), b = Matrix(node, 1);
        if (a is not null && b is not null && a[1].IsKnown && b[1].IsKnown && a[1] != b[1])
            throw new OpException($"rows have {a[1]} and {b[1]} elements, must have as many");
        return [new TensorFact(type, [a?[0] ?? node.Fresh(), b?[0] ?? node.Fresh()])];
    }

    public override Problem CreateProblem(NodeFacts node) => new CDistProblem { A = node.Operand(0), B = node.Operand(1), Squared = IsSquared(node), ConstantInputs = node.ConstantInputs };

    public override Problem? ParseProblem(string key) => CDistProblem.Parse(key);

    private static SymbolicShape? Matrix(NodeFacts node, int input) =>
        node.Tensor(input).Shape is not { } shape ? null : shape.Rank == 2 ? shape : throw new OpException($"input {input} has shape {shape}, must be a matrix");

    private static bool IsSquared(NodeFacts node) => node.Attributes.String("metric", "sqeuclidean") switch
    {
        "sqeuclidean" => true,
        "euclidean" => false,
        string other => throw new OpException($"metric is \"{other}\", must be euclidean or sqeuclidean"),
    };
}
