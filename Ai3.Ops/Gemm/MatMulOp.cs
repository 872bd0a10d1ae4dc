using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// ONNX MatMul, opsets 1 and later: the product of numpy's matmul. An optional third input, a bias [N] that only rewrites make, is
/// added to every row.
/// </summary>
internal sealed class MatMulOp() : OpDefinition<GemmProblem>(GemmAlgorithms.All)
{
    /// <summary>The operator.</summary>
    public static MatMulOp Instance { get; } = new() { Name = "MatMul", MinInputs = 2, MaxInputs = 3 };

    public override Oracle<GemmProblem> Oracle => GemmOracle.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact a = node.Tensor(0), b = node.Tensor(1);
        DType type = node.SameType(0, 1, 2);
        GemmTypes.Check(type);
        if (a.Shape is not { } left || b.Shape is not { } right)
            return [new TensorFact(type, null)];
        if (left.Rank == 0 || right.Rank == 0)
            throw new OpException($"shapes are {left} and {right}, must not be scalars");
        GemmTypes.CheckDepth(left[^1], right[right.Rank == 1 ? ^1 : ^2]);
        List<Dim> dims = BroadcastBatch(node, left.AsSpan()[..Math.Max(left.Rank - 2, 0)], right.AsSpan()[..Math.Max(right.Rank - 2, 0)]);
        if (left.Rank > 1)
            dims.Add(left[^2]);
        if (right.Rank > 1)
            dims.Add(right[^1]);
        if (node.OptionalTensor(2)?.Shape is { } bias && (right.Rank == 1 || bias.Rank != 1 || bias[0].IsKnown && right[^1].IsKnown && bias[0] != right[^1]))
            throw new OpException($"bias has shape {bias}, must be [{(right.Rank == 1 ? "" : right[^1])}] as B has columns");
        return [new TensorFact(type, SymbolicShape.Create([.. dims]))];
    }

    public override Problem CreateProblem(NodeFacts node) => new GemmProblem
    {
        Type = node.SameType(0, 1, 2),
        ShapeA = node.Operand(0).Shape,
        ShapeB = node.Operand(1).Shape,
        ShapeC = node.Has(2) ? node.Operand(2).Shape : null,
        Fusion = node.Fusion,
        ConstantInputs = node.ConstantInputs,
    };

    public override Problem? ParseProblem(string key) => GemmProblem.Parse(key);

    private static List<Dim> BroadcastBatch(NodeFacts node, ReadOnlySpan<Dim> a, ReadOnlySpan<Dim> b)
    {
        var dims = new List<Dim>();
        for (int i = Math.Max(a.Length, b.Length); i >= 1; i--)
        {
            Dim x = i <= a.Length ? a[^i] : 1, y = i <= b.Length ? b[^i] : 1;
            if (x.IsKnown && y.IsKnown && x != y && !x.Is(1) && !y.Is(1))
                throw new OpException($"batch dimensions {x} and {y} differ and neither is 1");
            dims.Add(x == y || y.Is(1) ? x : x.Is(1) ? y : x.IsKnown ? x : y.IsKnown ? y : node.Fresh());
        }
        return dims;
    }
}
