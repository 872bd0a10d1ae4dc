using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Winograd's minimal filtering F(m x m, 3x3) over channel blocks: m x m outputs a tile from (m+2)^2 inputs, with as many products instead of
/// 9 m^2. Phases of a part of the tiles: transform inputs; for each point a matrix product (tiles x input channels) by (input x output
/// channels); transform products into outputs with bias, residual and clamp. Lavin and Gray 2016, arXiv:1509.09308.
/// </summary>
/// <remarks>
/// <para>x [n][C/c][iH][iW][c], y [n][M/c][oH][oW][c]. Workspace: transformed inputs and products of a part (<see cref="WinogradPhases{T, S, V}"/>),
/// for each worker or once; then kernels [point][tile of M][C][columns] where the weights are not constant. Kernels are
/// transformed in double and rounded once. Matrices: <see cref="WinogradMatrices"/>.</para>
/// <para>Error: the growth in two directions times the longest chain of roundings, derived in docs/numerics.md.</para>
/// </remarks>
internal static unsafe class ConvWinograd<T> where T : struct, IWinogradTile
{
    private const int MostPixels = 1 << 28;

    // Rows of a tile of products from which on it runs at full speed.
    private const int LeastRows = 4;

    // Operations that take as long as one element of a transformed tile: its arithmetic and its ways through the caches.
    private const double TransformWork = 14;

    // The automatic choice may cost four times the error of a plain sum; the table in docs/numerics.md relates that to the growth.
    private const double MostGrowth = 20;

    private static readonly WinogradMatrices s_matrices = new(T.Points);

    public static Algorithm<ConvProblem> Row { get; } = new()
    {
        Name = $"winograd_f{T.Outputs}x{T.Outputs}_3x3",
        Source = "Lavin and Gray 2016, arXiv:1509.09308",
        Needs = "3x3, stride 1, no dilation, one group",
        Workspace = "transformed tiles and products; transformed weights if they are not constant",
        Layouts = "blocked",
        PropagatesExactly = false,
        IsByNameOnly = s_matrices.Growth > MostGrowth,
        Supports = Supports,
        Formats = ConvFormats.BlockedOnly,
        Fuses = static (_, _) => FusedParts.AnyActivation | FusedParts.Residual,
        WorkspaceBytes = static r => ShapeMath.Add(BufferBytes(Plan(r)), r.Problem.HasConstantWeights ? 0 : KernelBytes(r)),
        PackedBytes = static r => r.Problem.HasConstantWeights ? KernelBytes(r) : 0,
        CostHint = CostHint,
        Error = static (p, t) => ErrorBound.TileNorm(s_matrices.Growth * s_matrices.Growth * Chain(p, t)),
        PackKey = static r => r.Problem.HasConstantWeights ? $"conv_winograd_f{T.Outputs}/v{r.Target.Lanes}c{r.Target.ChannelBlock}" : null,
        Pack = Pack,
        Bind = static (r, packed) => Isa.Select<Maker, PreparedKernel>(r.Target.Isa, new Maker(r, packed)),
    };

    private static Applicability Supports(ConvProblem p, Target target)
    {
        if (p.SpatialRank != 2 || p.H.Kernel != 3 || p.W.Kernel != 3)
            return Applicability.No($"kernel is {string.Join('x', p.Axes.Select(a => a.Kernel))}, needs 3x3");
        if (p.H.Stride != 1 || p.W.Stride != 1)
            return Applicability.No($"strides are {p.H.Stride}x{p.W.Stride}, needs 1x1");
        if (p.H.Dilation != 1 || p.W.Dilation != 1)
            return Applicability.No($"dilations are {p.H.Dilation}x{p.W.Dilation}, needs 1x1");
        if (p.Group != 1)
            return Applicability.No($"{p.Group} groups, needs 1");
        return ConvRows.Common(p).And(Applicability.If((double)p.N * p.OutPixels <= MostPixels, $"more than {MostPixels} output pixels"));
    }

    // Kernel 1, product 1, C - 1 sums and one for each further call of the tile kernel, both transforms in two directions, bias,
    // residual, and 2 for terms of second order.
    private static double Chain(ConvProblem p, Target target) =>
        p.InChannels + ShapeMath.CeilDiv(p.InChannels, WinogradPlan.BlocksAtOnce * target.ChannelBlock) + 2 * (T.InputRoundings + T.OutputRoundings) + 5;

    private static double CostHint(Request<ConvProblem> r)
    {
        WinogradPlan plan = Plan(r);
        // A tile kernel of fewer rows than a multiply-add takes cycles waits for itself.
        double slow = plan.TilesOfPart is > 0 and < LeastRows ? (double)LeastRows / plan.TilesOfPart : 1;
        double products = slow * 2 * plan.Points * plan.Tiles * plan.Channels * plan.OutChannels;
        double transforms = TransformWork * plan.Points * plan.Tiles * ((double)plan.Channels + plan.OutChannels);
        return ConvRows.Cost(r, products + transforms, 0.93, KernelBytes(r));
    }

    private static WinogradPlan Plan(Request<ConvProblem> r) => new(r.Problem, r.Target, s_matrices);

    private static long BufferBytes(WinogradPlan plan) => ShapeMath.RoundUp(plan.BufferBytes, NativeBuffer.Alignment);

    private static long KernelBytes(Request<ConvProblem> r) => ShapeMath.Multiply(sizeof(float), Plan(r).KernelCount);

    private static PackedConstants Pack(Request<ConvProblem> r, IReadOnlyList<Tensor?> constants)
    {
        PackedConstants packed = PackedConstants.Allocate(KernelBytes(r));
        var body = new WinogradKernels(Plan(r), s_matrices, r.Problem, (float*)constants[1]!.Address, (float*)packed.Address);
        WorkerPool.Single.For(body.Units, ref body);
        GC.KeepAlive(constants);
        return packed;
    }

    private readonly struct Maker(Request<ConvProblem> r, PackedConstants? packed) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(r, packed);
    }

    private sealed class Kernel<S, V> : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly ConvProblem _problem;
        private readonly WinogradPlan _plan;
        private readonly ConvGeometry _g;
        private readonly TileKernels _kernels;
        private readonly PackedConstants? _packed;
        private readonly nint _bufferBytes;
        private readonly ActivationStrip _activation;

        public Kernel(Request<ConvProblem> r, PackedConstants? packed)
        {
            _problem = r.Problem;
            _plan = Plan(r);
            _g = new ConvGeometry(r.Problem);
            _kernels = TileKernels.For(r.Target.Isa);
            _packed = packed;
            _bufferBytes = (nint)BufferBytes(_plan);
            _activation = ActivationStrip.Of(r.Problem.Fusion.Activation, r.Target.Isa);
        }

        public override void Run(in KernelArgs args)
        {
            float* kernels = _packed is null ? (float*)(args.Workspace + _bufferBytes) : (float*)_packed.Address;
            if (_packed is null)
            {
                var transform = new WinogradKernels(_plan, s_matrices, _problem, (float*)args.Inputs[1], kernels);
                args.Workers.For(transform.Units, ref transform);
            }
            var phases = new WinogradPhases<T, S, V>
            {
                G = _g,
                Plan = _plan,
                Kernels = _kernels,
                X = (float*)args.Inputs[0],
                U = kernels,
                Bias = (float*)args.Inputs[2],
                Residual = _g.HasResidual ? (float*)args.Inputs[3] : null,
                Y = (float*)args.Outputs[0],
                Workspace = (float*)args.Workspace,
                Activation = _activation,
            };
            if (_plan.IsPhased)
                for (int part = 0; part < _plan.Parts; part++)
                {
                    var inputs = new InputPhase<S, V> { Phases = phases, Part = part };
                    args.Workers.For(_plan.Channels / _plan.Block, ref inputs);
                    var products = new ProductPhase<S, V> { Phases = phases, Part = part };
                    args.Workers.For(_plan.Points * _plan.ChannelTiles, ref products);
                    var outputs = new OutputPhase<S, V> { Phases = phases, Part = part };
                    args.Workers.For(_plan.OutChannels / _plan.Block, ref outputs);
                }
            else
            {
                var parts = new WholeParts<S, V> { Phases = phases };
                args.Workers.For(_plan.Parts, ref parts);
            }
            GC.KeepAlive(_packed);
        }
    }

    private struct WholeParts<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public WinogradPhases<T, S, V> Phases;

        public readonly void Run(int begin, int end, int worker)
        {
            for (int part = begin; part < end; part++)
            {
                Phases.TransformInputs(part, worker, 0, Phases.Plan.Channels / Phases.Plan.Block);
                Phases.Multiply(part, worker, 0, Phases.Plan.Points * Phases.Plan.ChannelTiles);
                Phases.TransformOutputs(part, worker, 0, Phases.Plan.OutChannels / Phases.Plan.Block);
            }
        }
    }

    private struct InputPhase<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public WinogradPhases<T, S, V> Phases;
        public int Part;

        public readonly void Run(int begin, int end, int worker) => Phases.TransformInputs(Part, 0, begin, end);
    }

    private struct ProductPhase<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public WinogradPhases<T, S, V> Phases;
        public int Part;

        public readonly void Run(int begin, int end, int worker) => Phases.Multiply(Part, 0, begin, end);
    }

    private struct OutputPhase<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public WinogradPhases<T, S, V> Phases;
        public int Part;

        public readonly void Run(int begin, int end, int worker) => Phases.TransformOutputs(Part, 0, begin, end);
    }
}
