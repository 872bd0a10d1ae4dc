using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Composes an operator's oracle with the oracles of its fused parts: the reference of a fused problem.</summary>
internal static class FusedOracle
{
    public static OracleResult Evaluate<TProblem>(TProblem problem, Oracle<TProblem> oracle, IReadOnlyList<double[]?> inputs)
        where TProblem : Problem
    {
        if (problem is not IFusable<TProblem> fusable || fusable.Fusion.IsNone)
            return oracle(problem, inputs);
        Fusion fusion = fusable.Fusion;
        TProblem inner = fusable.WithFusion(Fusion.None);
        int next = fusable.FusedInputIndex;
        double[]? residual = fusion.Residual ? inputs[next++] : null;
        double[]?[] own = [.. inputs.Take(fusable.FusedInputIndex)];
        if (fusion.Prologue)
            own[0] = Prologue(problem.Inputs[0].Shape, own[0]!, inputs[next]!, inputs[next + 1]!, fusion.PrologueActivation);
        OracleResult result = oracle(inner, own);
        Epilogue(result, residual, fusion.Activation);
        return result;
    }

    private static double[] Prologue(Shape shape, double[] x, double[] scale, double[] shift, Activation activation)
    {
        var y = new double[x.Length];
        long channels = shape[1];
        long inner = shape.CountOf(2..);
        for (long i = 0; i < x.Length; i++)
        {
            long c = i / inner % channels;
            y[i] = activation.Evaluate(x[i] * scale[c] + shift[c]);
            // What float32 rounds to 0 is 0 to an infinite weight, fused or not.
            if ((float)y[i] == 0)
                y[i] = 0;
        }
        return y;
    }

    private static void Epilogue(OracleResult result, double[]? residual, Activation activation)
    {
        double[] values = result.Values[0], magnitudes = result.Magnitudes[0];
        for (int i = 0; i < values.Length; i++)
        {
            if (residual is not null)
            {
                values[i] += residual[i];
                magnitudes[i] += Math.Abs(residual[i]);
            }
            magnitudes[i] *= Math.Max(1, activation.Lipschitz);
            values[i] = activation.Evaluate(values[i]);
        }
    }
}
