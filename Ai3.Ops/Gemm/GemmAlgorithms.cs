using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to compute Gemm and MatMul.</summary>
public static class GemmAlgorithms
{
    /// <summary>The rows; the order is the tie-break.</summary>
    public static ImmutableArray<Algorithm<GemmProblem>> All { get; } =
    [
        GemvRow.Row,
        GemmBlocked.Row,
        GemmStrassen.Row,
        GemmDirect.Row,
        Reference(),
    ];

    // Doubles do not hold the 64-bit integers, and integers wrap, so those have no reference but their definition: direct.
    private static Algorithm<GemmProblem> Reference()
    {
        Algorithm<GemmProblem> row = ReferenceAlgorithm.Of<GemmProblem>(GemmOracle.Evaluate);
        return row with
        {
            Needs = "a float type",
            Supports = static (p, _) => Applicability.If(Ai3.Tensors.DTypes.IsFloat(p.Type), "integers wrap; direct computes them exactly"),
        };
    }
}
