using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to multiply matrices of 8-bit integers.</summary>
internal static class QuantizedMatMulAlgorithms
{
    public static ImmutableArray<Algorithm<QuantizedMatMulProblem>> All { get; } =
    [
        QuantizedMatMulPairs.Row,
        new()
        {
            Name = "reference",
            Source = "plain loops",
            IsReference = true,
            Workspace = "a copy of A where it is quantised on the way",
            Supports = static (_, _) => Applicability.Yes,
            WorkspaceBytes = static r => r.Problem.Kind == QuantizedMatMulKind.DynamicQuantizeMatMul ? r.Problem.Product.ShapeA.Count : 0,
            CostHint = static r => 2 * r.Problem.Flops + 1e6,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => new QuantizedMatMulReference(r.Problem),
        },
    ];
}
