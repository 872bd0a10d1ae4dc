using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Makes the <c>reference</c> row of an operator from its oracle: double inside, one rounding at the end, any float type.</summary>
public static class ReferenceAlgorithm
{
    /// <summary>A row that supports every problem of the float types and computes it with the oracle.</summary>
    public static Algorithm<TProblem> Of<TProblem>(Oracle<TProblem> oracle) where TProblem : Problem => new()
    {
        Name = "reference",
        Source = "plain loops in double",
        IsReference = true,
        Workspace = "managed memory",
        Supports = static (p, _) =>
        {
            foreach (TensorType t in p.Inputs.Concat(p.Outputs))
                if (!t.IsAbsent && !ElementAccess.CanReadAsDouble(t.Type))
                    return Applicability.No($"element type {t.Type.ShortName()} has no reference");
            return Applicability.Yes;
        },
        Fuses = static (_, _) => FusedParts.AnyActivation | FusedParts.Residual | FusedParts.Prologue,
        CostHint = static r => 10 * (r.Problem.Flops + r.Problem.Traffic) + 1e6,
        Error = static (_, _) => ErrorBound.Ulp(1),
        Bind = (r, _) => new Kernel<TProblem>(r.Problem, oracle),
    };

    private sealed class Kernel<TProblem>(TProblem problem, Oracle<TProblem> oracle) : PreparedKernel where TProblem : Problem
    {
        public override void Run(in KernelArgs args)
        {
            var inputs = new double[]?[problem.Inputs.Length];
            for (int i = 0; i < inputs.Length; i++)
                if (!problem.Inputs[i].IsAbsent)
                    inputs[i] = ElementAccess.ReadAsDouble(args.Inputs[i], problem.Inputs[i]);
            OracleResult result = FusedOracle.Evaluate(problem, oracle, inputs);
            for (int i = 0; i < problem.Outputs.Length; i++)
                if (!problem.Outputs[i].IsAbsent)
                    ElementAccess.WriteFromDouble(args.Outputs[i], problem.Outputs[i], result.Values[i]);
        }
    }
}
