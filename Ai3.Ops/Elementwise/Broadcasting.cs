using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The multidirectional broadcasting rule of ONNX (numpy's): shapes align at the last axis, and a 1 stretches.</summary>
internal static class Broadcasting
{
    /// <summary>The shape that all shapes stretch to; null if one of them is not known.</summary>
    /// <exception cref="OpException">Two known dimensions contradict each other.</exception>
    public static SymbolicShape? Shape(NodeFacts node, params ReadOnlySpan<SymbolicShape?> shapes)
    {
        int rank = 0;
        foreach (SymbolicShape? shape in shapes)
        {
            if (shape is null)
                return null;
            rank = Math.Max(rank, shape.Rank);
        }
        var dims = new Dim[rank];
        for (int i = 0; i < rank; i++)
        {
            dims[i] = 1;
            foreach (SymbolicShape? shape in shapes)
            {
                int axis = i - rank + shape!.Rank;
                if (axis >= 0)
                    dims[i] = Stretch(node, dims[i], shape[axis], i);
            }
        }
        return SymbolicShape.Create(dims);
    }

    /// <summary>The shape that shapes in numbers stretch to.</summary>
    /// <exception cref="OpException">Two dimensions contradict each other.</exception>
    public static Shape Known(params ReadOnlySpan<Shape> shapes)
    {
        int rank = 0;
        foreach (Shape shape in shapes)
            rank = Math.Max(rank, shape.Rank);
        var dims = new long[rank];
        Array.Fill(dims, 1);
        foreach (Shape shape in shapes)
        {
            int first = rank - shape.Rank;
            for (int axis = 0; axis < shape.Rank; axis++)
            {
                ref long dim = ref dims[first + axis];
                if (dim == 1)
                    dim = shape[axis];
                else if (shape[axis] != 1 && shape[axis] != dim)
                    throw Mismatch(dim, shape[axis], first + axis);
            }
        }
        return Tensors.Shape.Create(dims);
    }

    // Of two dimensions that may differ, a known one other than 1 wins: the other is equal or 1, or the run is in error.
    private static Dim Stretch(NodeFacts node, Dim a, Dim b, int axis)
    {
        if (a == b || b.Is(1))
            return a;
        if (a.Is(1))
            return b;
        if (a.IsKnown && b.IsKnown)
            throw Mismatch(a, b, axis);
        return a.IsKnown ? a : b.IsKnown ? b : node.Fresh();
    }

    private static OpException Mismatch(Dim a, Dim b, int axis) =>
        new($"dimensions {a} and {b} of axis {axis} cannot be broadcast; they must be equal or one of them 1");
}
