using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>ONNX Gemm, opsets 1 and later: Y = alpha op(A) op(B) + beta C.</summary>
internal sealed class GemmOp() : OpDefinition<GemmProblem>(GemmAlgorithms.All)
{
    /// <summary>The operator.</summary>
    public static GemmOp Instance { get; } = new() { Name = "Gemm", MinInputs = 2, MaxInputs = 3 };

    public override Oracle<GemmProblem> Oracle => GemmOracle.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact a = node.Tensor(0), b = node.Tensor(1);
        if (node.Opset < 11 && !node.Has(2))
            throw new OpException("input C is missing; it is optional from opset 11 on");
        DType type = node.SameType(0, 1, 2);
        GemmTypes.Check(type);
        if (!type.IsFloat() && type != DType.Undefined && (!IsWhole(node.Attributes.Float("alpha", 1)) || !IsWhole(node.Attributes.Float("beta", 1))))
            throw new OpUnsupportedException($"alpha and beta of a Gemm of {type.ShortName()} must be whole numbers below 2^24");
        (Dim m, Dim ka) = Matrix(node, a, "A", node.Attributes.Flag("transA"));
        (Dim kb, Dim n) = Matrix(node, b, "B", node.Attributes.Flag("transB"));
        GemmTypes.CheckDepth(ka, kb);
        if (node.OptionalTensor(2)?.Shape is { } c)
            CheckC(c, m, n, node.Opset < 7 && !node.Attributes.Flag("broadcast"));
        return [new TensorFact(type, [m, n])];
    }

    public override Problem CreateProblem(NodeFacts node) => new GemmProblem
    {
        Type = node.SameType(0, 1, 2),
        ShapeA = node.Operand(0).Shape,
        ShapeB = node.Operand(1).Shape,
        ShapeC = node.Has(2) ? node.Operand(2).Shape : null,
        TransA = node.Attributes.Flag("transA"),
        TransB = node.Attributes.Flag("transB"),
        Alpha = node.Attributes.Float("alpha", 1),
        Beta = node.Has(2) ? node.Attributes.Float("beta", 1) : 1,
        Fusion = node.Fusion,
        ConstantInputs = node.ConstantInputs,
    };

    public override Problem? ParseProblem(string key) => GemmProblem.Parse(key);

    private static (Dim Rows, Dim Columns) Matrix(NodeFacts node, TensorFact fact, string name, bool transposed)
    {
        if (fact.Shape is not { } shape)
            return (node.Fresh(), node.Fresh());
        if (shape.Rank != 2)
            throw new OpException($"{name} has shape {shape}, must be a matrix");
        return transposed ? (shape[1], shape[0]) : (shape[0], shape[1]);
    }

    private static void CheckC(SymbolicShape c, Dim m, Dim n, bool exact)
    {
        bool fits = exact ? c.Rank == 2 : c.Rank <= 2;
        for (int i = 1; fits && i <= c.Rank; i++)
        {
            Dim to = i == 1 ? n : m;
            fits = !(c[^i].IsKnown && to.IsKnown) || c[^i] == to || !exact && c[^i].Is(1);
        }
        if (!fits)
            throw new OpException($"C has shape {c}, must {(exact ? "be" : "broadcast to")} [{m},{n}]");
    }

    private static bool IsWhole(float value) => MathF.Abs(value) < 1 << 24 && MathF.Truncate(value) == value;
}

/// <summary>Checks that Gemm and MatMul share.</summary>
internal static class GemmTypes
{
    /// <summary>Refuses types that the operators do not take.</summary>
    public static void Check(DType type)
    {
        if (type != DType.Undefined && !type.IsFloat() && type is not (DType.Int32 or DType.Int64 or DType.UInt32 or DType.UInt64))
            throw new OpException($"operands are {type.ShortName()}, must be a float, i32, i64, u32 or u64");
    }

    /// <summary>Refuses an A and a B whose inner dimensions differ.</summary>
    public static void CheckDepth(Dim a, Dim b)
    {
        if (a.IsKnown && b.IsKnown && a != b)
            throw new OpException($"A has {a} columns, must be {b} like the rows of B");
    }
}
