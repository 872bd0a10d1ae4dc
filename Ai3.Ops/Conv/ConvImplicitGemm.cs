namespace Ai3.Ops;

/// <summary>
/// A matrix product whose panels of B are packed straight from the image (<see cref="ImagePanels{S, V}"/>), some panels of one block of K at a
/// time; weights [M, K] are A, read in place. Any groups, strides, dilations and pads.
/// </summary>
/// <remarks>
/// x [n, C, iD, iH, iW], w [M, C/G, kD, kH, kW], y [n, M, oD, oH, oW]. Workspace: a group of panels for each worker. Registers: those of <see cref="Tile"/>.
/// </remarks>
internal static unsafe class ConvImplicitGemm
{
    public static Algorithm<ConvProblem> Row { get; } = new()
    {
        Name = "implicit_gemm",
        Source = "Chetlur et al. 2014, arXiv:1410.0759",
        Workspace = "a group of packed panels a thread",
        // The zeros of the padding are multiplied, and zero times a weight that is not finite is NaN.
        PropagatesExactly = false,
        Supports = static (p, _) => ConvGemmPlan.Supports(p),
        Fuses = static (_, _) => FusedParts.AnyActivation | FusedParts.Residual,
        WorkspaceBytes = ConvPanelKernel.WorkspaceBytes,
        CostHint = static r => ConvGemmPlan.Cost(r, 0.3, 0),
        Error = static (p, t) => ErrorBound.PerElement(GemmPlan.RoundingChainOf(p.Depth, GemmPlan.DepthOfBlock(p.Depth, 2 * t.Lanes, t.Caches))),
        Bind = static (r, _) => Isa.Select<Maker, PreparedKernel>(r.Target.Isa, new Maker(r)),
    };

    private readonly struct Maker(Request<ConvProblem> r) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged =>
            new ConvPanelKernel<Source<S, V>, ImagePanels<S, V>>(new ConvGemmPlan(r.Problem, r.Target), default);
    }

    private readonly struct Source<S, V> : IImagePanelSource<ImagePanels<S, V>> where S : struct, ISimd<V> where V : unmanaged
    {
        public ImagePanels<S, V> Of(ConvGeometry geometry, float* image) => new(geometry, image);
    }
}
