namespace Ai3.Ops;

/// <summary>
/// A convolution of one tap, stride 1 and no pads as the product Y [M/G, P] = W [M/G, C/G] X [C/G, P] over pixels by Strassen's recursion
/// (<see cref="StrassenProduct{S, V}"/>), one product for each image and group.
/// </summary>
/// <remarks>x [n, C, P], w [M, C/G], y [n, M, P], all plain. Memory: <see cref="StrassenLayout"/>, the image being prepared in each run.</remarks>
internal static unsafe class ConvStrassenPointwise
{
    public static Algorithm<ConvProblem> Row { get; } = new()
    {
        Name = "strassen_pointwise",
        Source = "Strassen 1969; Winograd 1971",
        Needs = "1x1 kernel, stride 1, no pads; at least 128 channels, output channels and pixels",
        Workspace = "7/4 of an image a level, sums of blocks, operands of uneven size",
        PropagatesExactly = false,
        IsByNameOnly = true,
        Supports = Supports,
        Fuses = static (_, _) => FusedParts.Clamp | FusedParts.Residual,
        WorkspaceBytes = static r => Layout(r).WorkspaceBytes,
        CostHint = static r => (double)r.Problem.N * r.Problem.Group * Layout(r).Nanoseconds,
        Error = static (p, t) => ErrorBound.TileNorm(StrassenPlan.Growth(p.GroupOutChannels, p.OutPixels, p.GroupInChannels, t, others: 4)),
        Bind = static (r, _) => Isa.Select<Maker, PreparedKernel>(r.Target.Isa, new Maker(r)),
    };

    private static Applicability Supports(ConvProblem p, Target target)
    {
        Applicability common = ConvPointwise.Supports(p, target);
        return common.IsYes ? StrassenLayout.Supports(p.GroupOutChannels, p.OutPixels, p.GroupInChannels) : common;
    }

    private static StrassenLayout Layout(Request<ConvProblem> r) =>
        new(r.Problem.GroupOutChannels, r.Problem.OutPixels, r.Problem.GroupInChannels, false, false, 1, false, r.Target);

    private readonly struct Maker(Request<ConvProblem> r) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged =>
            new Kernel<S, V>(new ConvGemmPlan(r.Problem, r.Target), Layout(r));
    }

    private sealed class Kernel<S, V>(ConvGemmPlan plan, StrassenLayout layout) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        public override void Run(in KernelArgs args)
        {
            ConvGeometry g = plan.Geometry;
            for (long batch = 0; batch < plan.Batches; batch++)
            {
                GemmOperands operands = plan.Operands(batch, args);
                var end = new ProductEnd<S, V>
                {
                    Y = operands.C,
                    YRow = operands.CRow,
                    Columns = g.OutPixels,
                    Addend = operands.RowBias,
                    AddendRow = 1,
                    Factor = 1,
                    Residual = operands.Residual,
                    Low = g.Low,
                    High = g.High,
                };
                layout.Run(args.Workers, operands.A, operands.ARow, plan.Image(batch, (float*)args.Inputs[0]), g.InPixels, null, end, (float*)args.Workspace);
            }
        }
    }
}
