using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The plain form of <see cref="ConvPointwise"/>.</summary>
internal static unsafe class ConvPointwisePlain
{
    public static long WorkspaceBytes(Request<ConvProblem> r) =>
        ShapeMath.Product([sizeof(float), ScratchCount(new ConvGemmPlan(r.Problem, r.Target)), r.Target.Threads]);

    public static PreparedKernel Bind(Request<ConvProblem> r) => Isa.Select<Maker, PreparedKernel>(r.Target.Isa, new Maker(r));

    private static long ScratchCount(ConvGemmPlan plan) => ShapeMath.RoundUp(plan.Gemm.SourceScratchCount, 16);

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
            float* scratch = Scratch + worker * (nint)ScratchCount(Plan);
            for (long i = Units.Start(begin); i < Units.Start(end); i++)
            {
                (long batch, long task) = Math.DivRem(i, Plan.Gemm.SourceTasks);
                GemmOperands operands = Plan.Operands(batch, W, Bias, Residual, Y);
                var source = new MatrixPanels<S, V>(Plan.Image(batch, X), Plan.Geometry.InPixels);
                Plan.Gemm.RunFrom(task, operands, ref source, scratch);
            }
        }
    }
}
