using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.SelfTest;

/// <summary>The problem of <see cref="ScaleOp"/>: x [n, c, p], w [c].</summary>
public sealed record ScaleProblem(long N, long C, long P) : Problem
{
    public override string Key => $"scale/f32 n{N} c{C} p{P}";

    public override ImmutableArray<TensorType> Inputs => [new(DType.Float32, [N, C, P]), new(DType.Float32, [C])];

    public override ImmutableArray<TensorType> Outputs => [new(DType.Float32, [N, C, P])];
}

/// <summary>y[n, c, p] = x[n, c, p] * w[c] + w[c]: an operator for the harness's own tests, with every feature a row can have.</summary>
public sealed class ScaleOp(params ReadOnlySpan<Algorithm<ScaleProblem>> rows)
    : OpDefinition<ScaleProblem>([.. rows, ReferenceAlgorithm.Of<ScaleProblem>(Compute)])
{
    public override Oracle<ScaleProblem> Oracle => Compute;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node) => throw new NotSupportedException();

    public override Problem CreateProblem(NodeFacts node) => throw new NotSupportedException();

    public override Problem? ParseProblem(string key)
    {
        string[] words = key.Split(' ');
        return words is ["scale/f32", var n, var c, var p] ? new ScaleProblem(long.Parse(n[1..]), long.Parse(c[1..]), long.Parse(p[1..])) : null;
    }

    /// <summary>The operator with a row that has one fault, and the reference.</summary>
    public static ScaleOp With(Fault fault) => new(ScaleRow.Of(fault)) { Name = "Scale", Domain = "test", MinInputs = 2, MaxInputs = 2 };

    private static OracleResult Compute(ScaleProblem problem, IReadOnlyList<double[]?> inputs)
    {
        double[] x = inputs[0]!, w = inputs[1]!;
        var values = new double[x.Length];
        var magnitudes = new double[x.Length];
        for (long i = 0; i < x.Length; i++)
        {
            double scale = w[i / problem.P % problem.C];
            values[i] = x[i] * scale + scale;
            magnitudes[i] = Math.Abs(x[i] * scale) + Math.Abs(scale);
        }
        return new OracleResult([values], [magnitudes]);
    }
}
