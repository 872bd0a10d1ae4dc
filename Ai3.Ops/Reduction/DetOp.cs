using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Det.</summary>
internal sealed class DetOp() : OpDefinition<DetProblem>([DetElimination.Row, ReferenceAlgorithm.Of<DetProblem>(Evaluate)])
{
    public static DetOp V11 { get; } = new() { Name = "Det", Since = 11, MinInputs = 1, MaxInputs = 1 };

    public override Oracle<DetProblem> Oracle => Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact input = node.Tensor(0);
        TypeSet.Float.Check(input, 0);
        if (input.Shape is null)
            return [new TensorFact(input.Type, null)];
        if (input.Shape.Rank < 2 || input.Shape[^1].IsKnown && input.Shape[^2].IsKnown && input.Shape[^1] != input.Shape[^2])
            throw new OpException($"input is {input}, must be [..., m, m]");
        return [new TensorFact(input.Type, SymbolicShape.Create(input.Shape.AsSpan()[..^2]))];
    }

    public override Problem CreateProblem(NodeFacts node) => DetProblem.Create(node.Operand(0)) with { ConstantInputs = node.ConstantInputs };

    public override Problem? ParseProblem(string key) => DetProblem.Parse(key);

    // Elimination with the largest element of all that is left as pivot. S: the largest row's absolute sum to the power of the order.
    private static OracleResult Evaluate(DetProblem p, IReadOnlyList<double[]?> inputs)
    {
        int m = (int)p.Order;
        var values = new double[p.Matrices];
        var magnitudes = new double[p.Matrices];
        for (long matrix = 0; matrix < values.Length; matrix++)
        {
            double[] a = inputs[0]!.AsSpan((int)(matrix * m * m), m * m).ToArray();
            double largest = 0;
            for (int row = 0; row < m; row++)
                largest = Math.Max(largest, a.AsSpan(row * m, m).ToArray().Sum(v => Math.Abs(v)));
            magnitudes[matrix] = Math.Pow(largest, m);
            values[matrix] = Determinant(a, m);
        }
        return new OracleResult([values], [magnitudes]);
    }

    private static double Determinant(double[] a, int m)
    {
        double det = 1;
        for (int k = 0; k < m; k++)
        {
            int row = k, column = k;
            for (int i = k; i < m; i++)
                for (int j = k; j < m; j++)
                    if (!(Math.Abs(a[i * m + j]) <= Math.Abs(a[row * m + column])))
                        (row, column) = (i, j);
            for (int j = 0; j < m; j++)
                (a[k * m + j], a[row * m + j]) = (a[row * m + j], a[k * m + j]);
            for (int i = 0; i < m; i++)
                (a[i * m + k], a[i * m + column]) = (a[i * m + column], a[i * m + k]);
            det *= (row == k ? 1 : -1) * (column == k ? 1 : -1) * a[k * m + k];
            for (int i = k + 1; i < m && a[k * m + k] != 0; i++)
                for (int j = m - 1; j >= k; j--)
                    a[i * m + j] -= a[i * m + k] / a[k * m + k] * a[k * m + j];
        }
        return det;
    }
}
