using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>What makes the operands of a quantised product fit together.</summary>
internal static class QuantizedMatMulChecks
{
    /// <summary>Checks a problem whose shapes are all known.</summary>
    /// <exception cref="OpException">Operands contradict each other.</exception>
    public static void Check(QuantizedMatMulProblem p)
    {
        QuantizedMatMulRoles roles = p.Roles;
        SymbolicShape a = p.Product.ShapeA, b = p.Product.ShapeB;
        Parameter(p.Operand(roles.AScale), a, p.Product.TransA, rows: true, "scale of A");
        Parameter(p.Operand(roles.AZero), a, p.Product.TransA, rows: true, "zero point of A");
        Parameter(p.Operand(roles.BScale), b, p.Product.TransB, rows: false, "scale of B");
        Parameter(p.Operand(roles.BZero), b, p.Product.TransB, rows: false, "zero point of B");
        One(p.Operand(roles.YScale), "scale of Y");
        One(p.Operand(roles.YZero), "zero point of Y");
        TensorType bias = p.Operand(roles.Bias), c = p.Operand(roles.C);
        if (!bias.IsAbsent && (bias.Shape.Rank != 1 || bias.Shape[0] != p.Product.N))
            throw new OpException($"bias has shape {bias.Shape}, must be [{p.Product.N}]");
        if (!c.IsAbsent && (c.Shape.Rank > 2 || !Stretches(c.Shape, 1, p.Product.N) || !Stretches(c.Shape, 2, p.Product.M)))
            throw new OpException($"C has shape {c.Shape}, must broadcast to [{p.Product.M},{p.Product.N}]");
        ShapeMath.Multiply(4, ShapeMath.Multiply(p.Product.ShapeA.Count, 1));
        ShapeMath.Multiply(4, p.Product.ShapeY.Count);
    }

    /// <summary>Checks a scale or zero point against its matrix, as far as the shapes are known: one for all, or one a row or column.</summary>
    public static void Parameter(TensorFact? fact, SymbolicShape? matrix, bool transposed, bool rows, string name)
    {
        if (fact?.Shape is not { } shape || matrix is null || QuantizeChecks.IsPerTensor(shape) || shape.Rank == 0)
            return;
        // A vector that multiplies from the left or right has one row or column.
        Dim lines = matrix.Rank == 1 ? 1 : rows != transposed ? matrix[^2] : matrix[^1];
        bool fits = shape.Rank == 1 ? Same(shape[0], lines) : shape.Rank == matrix.Rank;
        if (fits && shape.Rank > 1)
        {
            bool all = true;
            for (int i = 0; i < shape.Rank - 2; i++)
                all &= Same(shape[i], matrix[i]);
            fits = all && Same(shape[rows ? ^2 : ^1], lines) && Same(shape[rows ? ^1 : ^2], 1);
            for (int i = 0; !fits && i < shape.Rank; i++)
                if (!shape[i].Is(1) && shape[i].IsKnown)
                    break;
                else if (i == shape.Rank - 1)
                    fits = true;
        }
        if (!fits)
            throw new OpException($"{name} has shape {shape}, must be a scalar or hold one number for each {(rows ? "row" : "column")}, of which there are {lines}");
    }

    /// <summary>True if a problem that did not come from inference passes every check.</summary>
    public static bool IsValid(QuantizedMatMulProblem p)
    {
        try
        {
            GemmProblem g = p.Product;
            if (g.ShapeA.Rank == 0 || g.ShapeB.Rank == 0 || g.K != g.ShapeB[g.ShapeB.Rank == 1 ? ^1 : g.TransB ? ^1 : ^2]
                || (g.TransA || g.TransB) && (g.ShapeA.Rank != 2 || g.ShapeB.Rank != 2))
                return false;
            Broadcasting.Known(Shape.Create(g.BatchA), Shape.Create(g.BatchB));
            Check(p);
            return p.OutputType is DType.Int32 or DType.Float32 or DType.UInt8 or DType.Int8;
        }
        catch (Exception e) when (e is OpException or ShapeException)
        {
            return false;
        }
    }

    private static void Parameter(TensorType operand, SymbolicShape matrix, bool transposed, bool rows, string name)
    {
        if (!operand.IsAbsent)
            Parameter(new TensorFact(operand.Type, operand.Shape), matrix, transposed, rows, name);
    }

    private static void One(TensorType operand, string name)
    {
        if (!operand.IsAbsent && operand.Shape.Count != 1)
            throw new OpException($"{name} has shape {operand.Shape}, must be a scalar");
    }

    private static bool Same(Dim a, Dim b) => !a.IsKnown || !b.IsKnown || a == b;

    private static bool Stretches(Shape c, int fromEnd, long to) => c.Rank < fromEnd || c[^fromEnd] == 1 || c[^fromEnd] == to;
}
