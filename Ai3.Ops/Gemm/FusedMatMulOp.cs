using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>com.microsoft FusedMatMul: a product with a factor, whose matrices may be stored transposed.</summary>
internal sealed class FusedMatMulOp() : OpDefinition<GemmProblem>(GemmAlgorithms.All)
{
    public static FusedMatMulOp Instance { get; } = new() { Domain = "com.microsoft", Name = "FusedMatMul", MinInputs = 2, MaxInputs = 2 };

    public override Oracle<GemmProblem> Oracle => GemmOracle.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        if (node.Attributes.Flag("transBatchA") || node.Attributes.Flag("transBatchB"))
            throw new OpUnsupportedException("transBatchA and transBatchB are not supported");
        TensorFact a = node.Tensor(0), b = node.Tensor(1);
        DType type = node.SameType(0, 1);
        if (type != DType.Undefined && !type.IsFloat())
            throw new OpException($"operands are {type.ShortName()}, must be f32, f64, f16 or bf16");
        // The shapes of a plain product of what the transposed matrices stand for.
        var plain = new NodeFacts(Attributes.Empty, 13, [Turned(a, node, "transA"), Turned(b, node, "transB")], 1, node.Fresh);
        return MatMulOp.Instance.Infer(plain);
    }

    public override Problem CreateProblem(NodeFacts node) => new GemmProblem
    {
        Type = node.SameType(0, 1),
        ShapeA = node.Operand(0).Shape,
        ShapeB = node.Operand(1).Shape,
        TransA = node.Operand(0).Shape.Rank > 1 && node.Attributes.Flag("transA"),
        TransB = node.Operand(1).Shape.Rank > 1 && node.Attributes.Flag("transB"),
        Alpha = node.Attributes.Float("alpha", 1),
        Fusion = node.Fusion,
        ConstantInputs = node.ConstantInputs,
    };

    public override Problem? ParseProblem(string key) => GemmProblem.Parse(key);

    private static TensorFact Turned(TensorFact fact, NodeFacts node, string attribute) =>
        fact.Shape is { Rank: > 1 } shape && node.Attributes.Flag(attribute)
            ? new TensorFact(fact.Type, SymbolicShape.Create([.. shape.AsSpan()[..^2], shape[^1], shape[^2]])) : new TensorFact(fact.Type, fact.Shape);
}
