using System.Collections.Immutable;

namespace Ai3.Ops;

internal static class LrnAlgorithms
{
    /// <summary>Every way to compute LRN. Order is the tie-break.</summary>
    public static readonly ImmutableArray<Algorithm<LrnProblem>> All =
    [
        new()
        {
            Name = "direct",
            Source = "Krizhevsky et al. 2012",
            Needs = "f32",
            Layouts = "plain or blocked",
            Workspace = "plain: none; blocked: one pixel's channels for each thread",
            Supports = LrnDirect.Supports,
            Formats = LrnDirect.Formats,
            WorkspaceBytes = LrnDirect.WorkspaceBytes,
            CostHint = LrnDirect.CostHint,
            Error = LrnDirect.Error,
            Bind = LrnDirect.Bind,
        },
        new()
        {
            Name = "scalar",
            Source = "the definition, in double",
            Supports = static (_, _) => Applicability.Yes,
            CostHint = LrnScalar.CostHint,
            Error = static (_, _) => ErrorBound.Ulp(1),
            Bind = LrnScalar.Bind,
        },
        ReferenceAlgorithm.Of<LrnProblem>(LrnOp.Evaluate),
    ];
}
