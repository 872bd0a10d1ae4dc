namespace Ai3.Ops;

/// <summary>What an oracle computed, in double and row-major: one array for each output.</summary>
/// <param name="Values">The exact-as-can-be values.</param>
/// <param name="Magnitudes">S for each element: the sum of absolute products, or |value| where nothing is summed.</param>
public sealed record OracleResult(double[][] Values, double[][] Magnitudes)
{
    /// <summary>A result without sums: S = |value|.</summary>
    public static OracleResult Of(params double[][] values) => new(values, [.. values.Select(v => Array.ConvertAll(v, Math.Abs))]);
}

/// <summary>
/// Computes a problem in double with plain loops, sharing no code with any algorithm, not even padding arithmetic.
/// </summary>
/// <param name="problem">The problem, its fused parts left out of account: the caller composes them.</param>
/// <param name="inputs">The operator's inputs in row-major order; null for an absent one.</param>
public delegate OracleResult Oracle<in TProblem>(TProblem problem, IReadOnlyList<double[]?> inputs) where TProblem : Problem;
