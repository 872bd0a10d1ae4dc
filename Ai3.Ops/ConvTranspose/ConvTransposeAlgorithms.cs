using System.Collections.Immutable;

namespace Ai3.Ops;

internal static class ConvTransposeAlgorithms
{
    /// <summary>Every way to compute ConvTranspose. Order is the tie-break.</summary>
    public static readonly ImmutableArray<Algorithm<ConvTransposeProblem>> All =
    [
        new()
        {
            Name = "gemm_col2im",
            Source = "the transpose of im2col (Chellapilla et al. 2006): a matrix product, then scattered sums",
            Needs = "f32, at most 3 spatial axes",
            Workspace = "the columns of some output channels",
            Supports = ConvTransposeGemm.Supports,
            WorkspaceBytes = ConvTransposeGemm.WorkspaceBytes,
            PackedBytes = ConvTransposeGemm.PackedBytes,
            CostHint = ConvTransposeGemm.CostHint,
            Error = ConvTransposeGemm.Error,
            PackKey = ConvTransposeGemm.PackKey,
            Pack = ConvTransposeGemm.Pack,
            Bind = ConvTransposeGemm.Bind,
        },
        new()
        {
            Name = "direct",
            Source = "gathered outputs, split by their remainder modulo the stride",
            Needs = "f32, at most 3 spatial axes",
            Workspace = "one image with padded rows",
            // The padding is multiplied as well: a weight that is no finite number reaches outputs at the edges that it should not.
            PropagatesExactly = false,
            Supports = ConvTransposeDirect.Supports,
            WorkspaceBytes = ConvTransposeDirect.WorkspaceBytes,
            PackedBytes = ConvTransposeDirect.PackedBytes,
            PackKey = ConvTransposeDirect.PackKey,
            Pack = ConvTransposeDirect.Pack,
            CostHint = ConvTransposeDirect.CostHint,
            Error = ConvTransposeDirect.Error,
            Bind = ConvTransposeDirect.Bind,
        },
        new()
        {
            Name = "scalar",
            Source = "the definition, output by output, in double",
            Needs = "at most 3 spatial axes",
            Supports = ConvTransposeScalar.Supports,
            CostHint = ConvTransposeScalar.CostHint,
            Error = static (p, _) => ErrorBound.PerElement(p.Terms + 2),
            Bind = ConvTransposeScalar.Bind,
        },
        ReferenceAlgorithm.Of<ConvTransposeProblem>(ConvTransposeOp.Evaluate),
    ];
}
