namespace Ai3.Ops;

/// <summary>
/// Implicit GEMM by a table made once a plan: where every tap of every output is in a channel's plane, so that packing a panel divides and compares
/// nothing. Weights [M, K] are A, read in place. Any groups, strides, dilations and pads. Dukhan 2019, arXiv:1907.02129, whose table holds pixels of
/// channels-last images; here it holds elements of a plane, as images are plain.
/// </summary>
/// <remarks>
/// x [n, C, iD, iH, iW], w [M, C/G, kD, kH, kW], y [n, M, oD, oH, oW]. Table: taps * P numbers of 32 bits (<see cref="ConvOffsets"/>). Workspace: a
/// group of panels for each worker. Registers: those of <see cref="Tile"/>.
/// </remarks>
internal static unsafe class ConvImplicitPrecompGemm
{
    public static Algorithm<ConvProblem> Row { get; } = new()
    {
        Name = "implicit_precomp_gemm",
        Source = "Dukhan 2019, arXiv:1907.02129 (indirection table)",
        Workspace = "a group of packed panels a thread; a table of taps times P offsets a plan",
        // The zeros of the padding are multiplied, and zero times a weight that is not finite is NaN.
        PropagatesExactly = false,
        Supports = static (p, _) => Supports(p),
        Fuses = static (_, _) => FusedParts.AnyActivation | FusedParts.Residual,
        WorkspaceBytes = ConvPanelKernel.WorkspaceBytes,
        CostHint = static r => ConvGemmPlan.Cost(r, 0.35, 0),
        Error = static (p, t) => ErrorBound.PerElement(GemmPlan.RoundingChainOf(p.Depth, GemmPlan.DepthOfBlock(p.Depth, 2 * t.Lanes, t.Caches))),
        Bind = static (r, _) => Isa.Select<Maker, PreparedKernel>(r.Target.Isa, new Maker(r)),
    };

    private static Applicability Supports(ConvProblem p)
    {
        Applicability common = ConvGemmPlan.Supports(p);
        return common.IsYes
            ? Applicability.If((double)p.Taps * (p.OutPixels + 32.0) <= ConvOffsets.Most, $"taps times output pixels exceed {ConvOffsets.Most}")
                .And(Applicability.If(p.InPixels <= int.MaxValue, "a channel of the input has more than 2^31 - 1 elements"))
            : common;
    }

    private readonly struct Maker(Request<ConvProblem> r) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged
        {
            var plan = new ConvGemmPlan(r.Problem, r.Target);
            return new ConvPanelKernel<Source<S, V>, OffsetPanels<S, V>>(plan, new Source<S, V>(new ConvOffsets(plan.Geometry, S.Lanes)));
        }
    }

    private readonly struct Source<S, V>(ConvOffsets table) : IImagePanelSource<OffsetPanels<S, V>> where S : struct, ISimd<V> where V : unmanaged
    {
        public OffsetPanels<S, V> Of(ConvGeometry geometry, float* image) => new(geometry, table, image);
    }
}
