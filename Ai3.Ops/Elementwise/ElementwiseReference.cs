using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The element-wise oracle: the function's definition in double, elements found by their coordinates.</summary>
internal static class ElementwiseReference
{
    public static OracleResult Evaluate(ElementwiseProblem problem, IReadOnlyList<double[]?> inputs)
    {
        ElementwiseFunction function = ElementwiseFunctions.Find(problem.Function)!;
        Shape shape = problem.Output.Shape;
        var values = new double[shape.Count];
        var magnitudes = new double[values.Length];
        int[] present = [.. Enumerable.Range(0, inputs.Count).Where(i => inputs[i] is not null)];
        var coordinates = new long[shape.Rank];
        for (long i = 0; i < values.Length; i++)
        {
            double At(int k) => k < present.Length ? inputs[present[k]]![Index(problem, present[k], coordinates)] : 0;
            if (function.Folds)
                (values[i], magnitudes[i]) = Fold(problem, function, present.Length, At);
            else
            {
                values[i] = function.Exact(At(0), At(1), At(2), problem);
                magnitudes[i] = function.Magnitude?.Invoke(At(0), At(1), At(2), problem) ?? Math.Abs(values[i]);
            }
            Next(coordinates, shape);
        }
        return new OracleResult([values], [magnitudes]);
    }

    public static bool IsUnsigned(ElementwiseProblem problem) => TypeSet.Unsigned.Has(problem.Output.Type);

    private static (double Value, double Magnitude) Fold(ElementwiseProblem problem, ElementwiseFunction function, int count, Func<int, double> at)
    {
        double value = at(0), magnitude = Math.Abs(value);
        for (int k = 1; k < count; k++)
        {
            value = function.Exact(value, at(k), 0, problem);
            magnitude += Math.Abs(at(k));
        }
        return function.Name == "mean" ? (value / count, magnitude / count) : (value, magnitude);
    }

    private static long Index(ElementwiseProblem problem, int operand, long[] coordinates)
    {
        Shape shape = problem.Operands[operand].Shape;
        int first = operand == 1 && problem.Axis >= 0 ? problem.Axis : coordinates.Length - shape.Rank;
        long index = 0;
        for (int i = 0; i < shape.Rank; i++)
            index = index * shape[i] + (shape[i] == 1 ? 0 : coordinates[first + i]);
        return index;
    }

    private static void Next(long[] coordinates, Shape shape)
    {
        for (int i = coordinates.Length - 1; i >= 0; i--)
        {
            if (++coordinates[i] < shape[i])
                return;
            coordinates[i] = 0;
        }
    }
}
