using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

internal static class SkipNormAlgorithms
{
    /// <summary>Every way to add and normalise. Order is the tie-break.</summary>
    public static readonly ImmutableArray<Algorithm<SkipNormProblem>> All =
    [
        new()
        {
            Name = "two_pass",
            Source = "corrected two-pass: Chan, Golub and LeVeque 1983",
            Needs = "f32, rows that are not empty",
            Supports = static (p, _) => Applicability.If(p.Type == DType.Float32, $"element type is {p.Type.ShortName()}, needs f32")
                .And(Applicability.If(p.Length > 0, "rows are empty")),
            CostHint = static r => 100 + (r.Problem.Rows * 30.0 + r.Problem.Shape.Count * 2.5 / r.Target.Lanes + r.Problem.Traffic / r.Target.BytesPerNanosecond / 4) / r.Target.Threads,
            Error = static (p, t) => ErrorBound.Relative(RowNorm.Chain(p.Length, t.Lanes)),
            InPlace = static r => r.Problem.Skip == r.Problem.Shape ? [(0, 0), (0, 1)] : [(0, 0)],
            Bind = static (r, _) => Isa.Select<SkipNormTwoPass.Binder, PreparedKernel>(r.Target.Isa, new SkipNormTwoPass.Binder(r.Problem)),
        },
        new()
        {
            Name = "scalar",
            Source = "the definition, in double",
            Workspace = "a row of doubles a thread",
            Supports = static (_, _) => Applicability.Yes,
            WorkspaceBytes = static r => ShapeMath.Multiply(SkipNormScalar.RowBytes(r.Problem.Length), r.Target.Threads),
            CostHint = static r => 100 + (r.Problem.Rows * 40.0 + r.Problem.Shape.Count * 8.0) / r.Target.Threads,
            // Of float64 the oracle rounds its sums over a row as the loop does: twice a chain of the row's length.
            Error = static (p, _) => ErrorBound.Relative(p.Type == DType.Float64 ? 2 * (p.Length + 8.0) : 4),
            Bind = static (r, _) => SkipNormScalar.Bind(r.Problem),
        },
        ReferenceAlgorithm.Of<SkipNormProblem>(SkipNormOracle.Evaluate),
    ];
}
