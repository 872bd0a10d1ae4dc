using Ai3.Tensors;

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
        Fuses = static (_, _) => FusedParts.Clamp | FusedParts.Residual,
        WorkspaceBytes = static r => WorkspaceBytes(new ConvGemmPlan(r.Problem, r.Target), r.Target),
        CostHint = static r => ConvGemmPlan.Cost(r, 0.3, 0),
        Error = static (p, t) => ErrorBound.PerElement(GemmPlan.RoundingChainOf(p.Depth, GemmPlan.DepthOfBlock(p.Depth, 2 * t.Lanes, t.Caches))),
        Bind = static (r, _) => Isa.Select<Maker, PreparedKernel>(r.Target.Isa, new Maker(r)),
    };

    private static long WorkspaceBytes(ConvGemmPlan plan, Target target) =>
        ShapeMath.Product([sizeof(float), ShapeMath.RoundUp(plan.Gemm.SourceScratchCount, 16), target.Threads]);

    private readonly struct Maker(Request<ConvProblem> r) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(new ConvGemmPlan(r.Problem, r.Target));
    }

    private sealed class Kernel<S, V>(ConvGemmPlan plan) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly RowPanels _units = ParallelUnits.Of(plan.Batches * plan.Gemm.SourceTasks);

        public override void Run(in KernelArgs args)
        {
            var body = new Body<S, V>
            {
                Plan = plan,
                Units = _units,
                X = (float*)args.Inputs[0],
                W = (float*)args.Inputs[1],
                Bias = (float*)args.Inputs[2],
                Residual = plan.Geometry.HasResidual ? (float*)args.Inputs[3] : null,
                Y = (float*)args.Outputs[0],
                Scratch = (float*)args.Workspace,
            };
            args.Workers.For((int)_units.Count, ref body);
        }
    }

    private struct Body<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public ConvGemmPlan Plan;
        public RowPanels Units;
        public float* X, W, Bias, Residual, Y, Scratch;

        public readonly void Run(int begin, int end, int worker)
        {
            float* scratch = Scratch + worker * (nint)ShapeMath.RoundUp(Plan.Gemm.SourceScratchCount, 16);
            for (long i = Units.Start(begin); i < Units.Start(end); i++)
            {
                (long batch, long task) = Math.DivRem(i, Plan.Gemm.SourceTasks);
                GemmOperands operands = Plan.Operands(batch, W, Bias, Residual, Y);
                var source = new ImagePanels<S, V>(Plan.Geometry, Plan.Image(batch, X));
                Plan.Gemm.RunFrom(task, operands, ref source, scratch);
            }
        }
    }
}
