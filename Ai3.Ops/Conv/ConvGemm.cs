using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// im2col: the matrix of inputs B [K, P] of one image and group written whole into the workspace, in the panels that the matrix product wants,
/// then W B. Chellapilla et al. 2006.
/// </summary>
/// <remarks>
/// x [n, C, iD, iH, iW], w [M, C/G, kD, kH, kW] read in place or block by block, y [n, M, oD, oH, oW]. Workspace: the panels of B, then a
/// block of A for each worker. Registers: those of <see cref="Tile"/>.
/// </remarks>
internal static unsafe class ConvGemm
{
    public static Algorithm<ConvProblem> Row { get; } = new()
    {
        Name = "gemm",
        Source = "Chellapilla, Puri and Simard 2006 (im2col)",
        Workspace = "C K P elements, a block of weights a thread",
        // The zeros of the padding are multiplied, and zero times a weight that is not finite is NaN.
        PropagatesExactly = false,
        Supports = static (p, _) => ConvGemmPlan.Supports(p),
        Fuses = static (_, _) => FusedParts.AnyActivation | FusedParts.Residual,
        WorkspaceBytes = static r => WorkspaceBytes(new ConvGemmPlan(r.Problem, r.Target), r.Target),
        CostHint = static r => ConvGemmPlan.Cost(r, 0.3, 2.0 * sizeof(float) * r.Problem.N * r.Problem.Group * r.Problem.Depth * r.Problem.OutPixels),
        Error = static (p, t) => ErrorBound.PerElement(GemmPlan.RoundingChainOf(p.Depth, GemmPlan.DepthOfBlock(p.Depth, 2 * t.Lanes, t.Caches))),
        Bind = static (r, _) => Isa.Select<Maker, PreparedKernel>(r.Target.Isa, new Maker(r)),
    };

    private static long WorkspaceBytes(ConvGemmPlan plan, Target target) => ShapeMath.Multiply(sizeof(float),
        ShapeMath.Add(PanelCount(plan), ShapeMath.Multiply(plan.Gemm.ScratchCount, target.Threads)));

    private static long PanelCount(ConvGemmPlan plan) => ShapeMath.RoundUp(plan.Gemm.PackedCount, 16);

    private readonly struct Maker(Request<ConvProblem> r) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(new ConvGemmPlan(r.Problem, r.Target));
    }

    private sealed class Kernel<S, V>(ConvGemmPlan plan) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly RowPanels _panels = ParallelUnits.Of(plan.Gemm.Panels);
        private readonly RowPanels _tasks = ParallelUnits.Of(plan.Gemm.Tasks);

        public override void Run(in KernelArgs args)
        {
            for (long batch = 0; batch < plan.Batches; batch++)
            {
                GemmOperands operands = plan.Operands(batch, args);
                operands.B = (float*)args.Workspace;
                var pack = new PackBody<S, V> { Plan = plan, Units = _panels, X = plan.Image(batch, (float*)args.Inputs[0]), Panels = operands.B };
                args.Workers.For((int)_panels.Count, ref pack);
                var multiply = new MultiplyBody { Plan = plan, Units = _tasks, Operands = operands, Scratch = operands.B + (nint)PanelCount(plan) };
                args.Workers.For((int)_tasks.Count, ref multiply);
            }
        }
    }

    private struct PackBody<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public ConvGemmPlan Plan;
        public RowPanels Units;
        public float* X, Panels;

        public readonly void Run(int begin, int end, int worker)
        {
            GemmPlan gemm = Plan.Gemm;
            int width = gemm.Tiles.Width;
            var source = new ImagePanels<S, V>(Plan.Geometry, X);
            for (long panel = Units.Start(begin); panel < Units.Start(end); panel++)
                source.Pack(0, gemm.K, panel * width, (int)Math.Min(width, gemm.N - panel * width), width, Panels + (nint)(panel * gemm.K * width));
        }
    }

    private struct MultiplyBody : IParallelBody
    {
        public ConvGemmPlan Plan;
        public RowPanels Units;
        public GemmOperands Operands;
        public float* Scratch;

        public readonly void Run(int begin, int end, int worker)
        {
            float* scratch = Scratch + worker * (nint)Plan.Gemm.ScratchCount;
            for (long task = Units.Start(begin); task < Units.Start(end); task++)
                Plan.Gemm.Run(task, Operands, scratch);
        }
    }
}
