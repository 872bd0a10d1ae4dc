using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The oracle of trained models: each row by the model's own plain loops in double.</summary>
internal static class PredictorReference
{
    public static OracleResult Evaluate(PredictorProblem problem, IReadOnlyList<double[]?> inputs)
    {
        Predictor model = problem.Model;
        int rows = (int)problem.Rows, features = (int)problem.Features, columns = model.Columns;
        var scores = new double[rows * columns];
        var magnitudes = new double[rows * columns];
        var labels = new double[rows];
        for (int r = 0; r < rows; r++)
        {
            double[] x = inputs[0]![(r * features)..((r + 1) * features)];
            int place = model.Evaluate(x, scores.AsSpan(r * columns, columns), magnitudes.AsSpan(r * columns, columns));
            if (model.Labels is { Type: DType.Int64 } names)
                labels[r] = place < 0 ? double.NaN : names.Integers[place];
        }
        return model.Labels is null ? new OracleResult([scores], [magnitudes]) : new OracleResult([labels, scores], [new double[rows], magnitudes]);
    }
}
