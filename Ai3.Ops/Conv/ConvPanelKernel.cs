using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Makes the panels of one image and group.</summary>
internal unsafe interface IImagePanelSource<TSource> where TSource : struct, IPanelSource
{
    TSource Of(ConvGeometry geometry, float* image);
}

/// <summary>What rows that pack panels of B from an image, some at a time, have in common: workspace and kernel.</summary>
internal static class ConvPanelKernel
{
    /// <summary>A group of panels for each worker.</summary>
    public static long WorkspaceBytes(Request<ConvProblem> r) =>
        ShapeMath.Product([sizeof(float), ScratchCount(new ConvGemmPlan(r.Problem, r.Target)), r.Target.Threads]);

    /// <summary>Floats of a worker's panels.</summary>
    public static long ScratchCount(ConvGemmPlan plan) => ShapeMath.RoundUp(plan.Gemm.SourceScratchCount, 16);
}

/// <summary>A convolution as products of the weights with panels that <typeparamref name="TImage"/> makes of each image and group.</summary>
internal sealed unsafe class ConvPanelKernel<TImage, TSource>(ConvGemmPlan plan, TImage source) : PreparedKernel
    where TImage : struct, IImagePanelSource<TSource> where TSource : struct, IPanelSource
{
    private readonly RowPanels _units = ParallelUnits.Of(plan.Batches * plan.Gemm.SourceTasks);

    public override void Run(in KernelArgs args)
    {
        var body = new Body
        {
            Plan = plan,
            Source = source,
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

    private struct Body : IParallelBody
    {
        public ConvGemmPlan Plan;
        public TImage Source;
        public RowPanels Units;
        public float* X, W, Bias, Residual, Y, Scratch;

        public readonly void Run(int begin, int end, int worker)
        {
            float* scratch = Scratch + worker * (nint)ConvPanelKernel.ScratchCount(Plan);
            for (long i = Units.Start(begin); i < Units.Start(end); i++)
            {
                (long batch, long task) = Math.DivRem(i, Plan.Gemm.SourceTasks);
                GemmOperands operands = Plan.Operands(batch, W, Bias, Residual, Y);
                TSource panels = Source.Of(Plan.Geometry, Plan.Image(batch, X));
                Plan.Gemm.RunFrom(task, operands, ref panels, scratch);
            }
        }
    }
}
