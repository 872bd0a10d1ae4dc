using System.Collections.Immutable;

namespace Ai3.Ops;

internal static class BatchNormAlgorithms
{
    /// <summary>Every way to normalise by given statistics. Order is the tie-break.</summary>
    public static readonly ImmutableArray<Algorithm<BatchNormProblem>> All =
    [
        new()
        {
            Name = "simd",
            Source = "Ioffe and Szegedy 2015, arXiv:1502.03167",
            Needs = "f32",
            Layouts = "plain or blocked",
            Workspace = "3 numbers a channel",
            Supports = BatchNormSimd.Supports,
            Formats = BatchNormSimd.Formats,
            WorkspaceBytes = BatchNormSimd.WorkspaceBytes,
            CostHint = BatchNormSimd.CostHint,
            Error = static (_, _) => ErrorBound.PerElement(6),
            InPlace = static _ => [(0, 0)],
            Bind = BatchNormSimd.Bind,
        },
        new()
        {
            Name = "scalar",
            Source = "the definition, in double",
            Workspace = "3 doubles a channel",
            Supports = static (p, _) => Applicability.If(p.Momentum is null, "training mode needs the batch's statistics"),
            WorkspaceBytes = BatchNormScalar.WorkspaceBytes,
            CostHint = static r => 100 + r.Problem.Channels * 20.0 + r.Problem.Shape.Count * 4.0 / r.Target.Threads,
            Error = static (_, _) => ErrorBound.Ulp(1),
            InPlace = static _ => [(0, 0)],
            Bind = BatchNormScalar.Bind,
        },
        BatchNormTraining.Row,
        ReferenceAlgorithm.Of<BatchNormProblem>(BatchNormOp.Evaluate),
    ];
}
