namespace Ai3.Ops;

/// <summary>Gemm and MatMul by their definition: plain loops, sums in double.</summary>
internal static class GemmOracle
{
    public static OracleResult Evaluate(GemmProblem problem, IReadOnlyList<double[]?> inputs)
    {
        double[] a = inputs[0]!, b = inputs[1]!;
        double[]? c = inputs[2];
        long m = problem.M, n = problem.N, k = problem.K;
        long[] batch = problem.Batch;
        long count = problem.ShapeY.Count;
        var values = new double[count];
        var magnitudes = new double[count];
        for (long y = 0; y < count; y++)
        {
            long row = y / n % m, column = y % n, matrix = y / n / m;
            long atA = MatrixOf(matrix, batch, problem.BatchA) * m * k, atB = MatrixOf(matrix, batch, problem.BatchB) * k * n;
            double sum = 0, magnitude = 0;
            for (long i = 0; i < k; i++)
            {
                double product = a[atA + (problem.TransA ? i * m + row : row * k + i)] * b[atB + (problem.TransB ? column * k + i : i * n + column)];
                sum += product;
                magnitude += Math.Abs(product);
            }
            values[y] = problem.Alpha * sum;
            magnitudes[y] = Math.Abs(problem.Alpha) * magnitude;
            if (c is not null)
            {
                var shape = problem.ShapeC!.Value;
                long columns = shape.Rank > 0 ? shape[^1] : 1, rows = shape.Rank > 1 ? shape[0] : 1;
                double addend = problem.Beta * c[(rows == 1 ? 0 : row) * columns + (columns == 1 ? 0 : column)];
                values[y] += addend;
                magnitudes[y] += Math.Abs(addend);
            }
        }
        return new OracleResult([values], [magnitudes]);
    }

    // Which matrix of an operand with batch dimensions `own` serves matrix `index` of the result.
    private static long MatrixOf(long index, long[] batch, ReadOnlySpan<long> own)
    {
        long matrix = 0, stride = 1;
        for (int i = 1; i <= batch.Length; i++)
        {
            long coordinate = index % batch[^i];
            index /= batch[^i];
            if (i > own.Length)
                continue;
            matrix += own[^i] == 1 ? 0 : coordinate * stride;
            stride *= own[^i];
        }
        return matrix;
    }
}
