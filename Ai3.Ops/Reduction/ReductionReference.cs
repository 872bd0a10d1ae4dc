using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The oracle of reductions: every input element visits its output element.</summary>
internal static class ReductionReference
{
    public static OracleResult Evaluate(ReductionProblem problem, IReadOnlyList<double[]?> inputs)
    {
        double[] x = inputs[0]!;
        Shape shape = problem.Input.Shape;
        int outputs = (int)problem.OutputShape.Count;
        var members = new List<double>[outputs];
        for (int i = 0; i < outputs; i++)
            members[i] = [];
        var coordinates = new long[shape.Rank];
        foreach (double value in x)
        {
            long output = 0;
            for (int axis = 0; axis < shape.Rank; axis++)
                if (!problem.Axes.Contains(axis))
                    output = output * shape[axis] + coordinates[axis];
            members[output].Add(value);
            for (int axis = shape.Rank - 1; axis >= 0 && ++coordinates[axis] == shape[axis]; axis--)
                coordinates[axis] = 0;
        }
        var values = new double[outputs];
        var magnitudes = new double[outputs];
        for (int i = 0; i < outputs; i++)
            (values[i], magnitudes[i]) = Reduce(problem, members[i]);
        return new OracleResult([values], [magnitudes]);
    }

    private static (double Value, double Magnitude) Reduce(ReductionProblem problem, List<double> x)
    {
        double sum = 0, sizes = 0, squares = 0, product = 1;
        double least = problem.Input.Type.IsFloat() ? double.PositiveInfinity : Greatest(problem.Input.Type);
        double greatest = problem.Input.Type.IsFloat() ? double.NegativeInfinity : Least(problem.Input.Type);
        foreach (double v in x)
        {
            sum += v;
            sizes += Math.Abs(v);
            squares += v * v;
            product *= v;
            least = Math.Min(least, v);
            greatest = Math.Max(greatest, v);
        }
        switch (problem.Function)
        {
            case ReductionFunction.Sum: return (sum, sizes);
            case ReductionFunction.Mean: return (sum / x.Count, sizes / x.Count);
            case ReductionFunction.Max: return (greatest, Math.Abs(greatest));
            case ReductionFunction.Min: return (least, Math.Abs(least));
            case ReductionFunction.Prod: return (product, Math.Abs(product));
            case ReductionFunction.L1: return (sizes, sizes);
            case ReductionFunction.SumSquare: return (squares, squares);
            case ReductionFunction.L2: return (Math.Sqrt(squares), Math.Sqrt(squares));
            case ReductionFunction.LogSum:
                // A relative error of the sum is an absolute one of its logarithm.
                double log = Math.Log(sum);
                return (log, Math.Abs(log) + sizes / Math.Abs(sum));
            default:
                double shift = double.IsFinite(greatest) ? greatest : 0, exponentials = 0;
                foreach (double v in x)
                    exponentials += Math.Exp(v - shift);
                double value = shift + Math.Log(exponentials);
                return (value, 1 + Math.Abs(value) + Math.Abs(shift));
        }
    }

    private static double Greatest(DType type) => type == DType.Bool ? 1 : Math.Pow(2, type.BitsPerElement() - (TypeSet.Signed.Has(type) ? 1 : 0)) - 1;

    private static double Least(DType type) => TypeSet.Signed.Has(type) ? -Math.Pow(2, type.BitsPerElement() - 1) : 0;
}
