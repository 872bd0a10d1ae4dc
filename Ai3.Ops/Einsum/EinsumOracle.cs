using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Einsum by its definition: every combination of labels, sums in double.</summary>
internal static class EinsumOracle
{
    public static OracleResult Evaluate(EinsumProblem problem, IReadOnlyList<double[]?> inputs)
    {
        long count = problem.Output.Shape.Count;
        var values = new double[count];
        var magnitudes = new double[count];
        long[] extents = [.. problem.Extents];
        if (extents.Contains(0))
            return new OracleResult([values], [magnitudes]);
        var index = new long[extents.Length];
        do
        {
            double product = 1;
            for (int i = 0; i < problem.Operands.Length; i++)
                product *= inputs[i]![PlaceOf(problem.Operands[i].Shape, problem.Labels[i].AsSpan(), index)];
            long place = 0;
            for (int axis = 0; axis < problem.OutputRank; axis++)
                place = place * extents[axis] + index[axis];
            values[place] += product;
            magnitudes[place] += Math.Abs(product);
        }
        while (Next(index, extents));
        return new OracleResult([values], [magnitudes]);
    }

    private static long PlaceOf(Shape shape, ReadOnlySpan<int> labels, long[] index)
    {
        long place = 0;
        for (int axis = 0; axis < shape.Rank; axis++)
            place = place * shape[axis] + (shape[axis] == 1 ? 0 : index[labels[axis]]);
        return place;
    }

    private static bool Next(long[] index, long[] extents)
    {
        for (int axis = index.Length - 1; axis >= 0; axis--)
        {
            if (++index[axis] < extents[axis])
                return true;
            index[axis] = 0;
        }
        return false;
    }
}
