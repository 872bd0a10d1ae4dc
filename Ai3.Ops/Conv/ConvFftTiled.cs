using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Convolution by Fourier transforms of overlapping tiles (overlap-save) over channel blocks: for each tile and frequency a complex product of
/// the channels' spectra with those of the weights, so that the work hardly depends on the kernel's size. Dilation makes a kernel larger, and a
/// stride leaves outputs out. Mathieu, Henaff and LeCun 2013, arXiv:1312.5851.
/// </summary>
/// <remarks>
/// <para>x [n][C/c][iH][iW][c], y [n][M/c][oH][oW][c]. Phases of a part of the tiles: transform inputs; for each frequency a matrix product
/// (tiles x 2 input channels) by (2 input x output channels); transform back with bias, residual and clamp (<see cref="FftPhases{S, V}"/>).
/// Workspace: spectra and products of a part, a complex tile for each worker, then spectra of weights where those are not constant.</para>
/// <para>Error: from the 2-norm of a tile, derived in docs/numerics.md.</para>
/// </remarks>
internal static unsafe class ConvFftTiled
{
    private const int MostPixels = 1 << 28;

    public static Algorithm<ConvProblem> Row { get; } = new()
    {
        Name = "fft_tiled",
        Source = "Mathieu, Henaff and LeCun 2013, arXiv:1312.5851",
        Needs = "one or two spatial axes, a kernel of at most 64x64, dilation counted; one group or groups of whole blocks",
        Workspace = "spectra and products of some tiles, a complex tile a thread; spectra of weights if they are not constant",
        Layouts = "blocked",
        PropagatesExactly = false,
        Supports = Supports,
        Formats = ConvFormats.BlockedOnly,
        Fuses = static (_, _) => FusedParts.Clamp | FusedParts.Residual,
        WorkspaceBytes = static r => new Layout(r).Bytes,
        PackedBytes = static r => r.Problem.HasConstantWeights ? KernelBytes(Plan(r)) : 0,
        CostHint = static r => Plan(r) is var plan ? ConvRows.Cost(r, plan.Work, 0.5, KernelBytes(plan)) : 0,
        Error = static (p, t) => ErrorBound.TileNorm(Growth(new FftTilePlan(p, t))),
        PackKey = PackKey,
        Pack = Pack,
        Bind = static (r, packed) => Isa.Select<Maker, PreparedKernel>(r.Target.Isa, new Maker(r, packed)),
    };

    private static Applicability Supports(ConvProblem p, Target target)
    {
        Applicability common = ConvRows.Common(p).And(ConvRows.WholeBlocks(p, target));
        if (!common.IsYes)
            return common;
        if (p.SpatialRank > 2)
            return Applicability.No($"{p.SpatialRank} spatial axes, needs one or two");
        if (p.H.Extent > VectorFft.MaxSize || p.W.Extent > VectorFft.MaxSize)
            return Applicability.No($"kernel covers {p.H.Extent}x{p.W.Extent}, needs at most {VectorFft.MaxSize}x{VectorFft.MaxSize}");
        return Applicability.If((double)p.N * p.OutPixels <= MostPixels, $"more than {MostPixels} output pixels");
    }

    // See docs/numerics.md: both transforms, a rounding of the weights, the sums over real and imaginary channels, one for each further call of the
    // tile kernel and one for the product; then bias, residual and terms of second order.
    private static double Growth(FftTilePlan plan)
    {
        double transform = VectorFft.Roundings(plan.High) + VectorFft.Roundings(plan.Wide) + 1;
        double sum = 2.0 * plan.Channels + ShapeMath.CeilDiv(2 * plan.InBlocks, FftTilePlan.BlocksAtOnce);
        return Math.Sqrt(2.0 * plan.High * plan.Wide) * ((1 + Math.Sqrt(2)) * transform + Math.Sqrt(2) * sum + 1) + 4;
    }

    private static FftTilePlan Plan(Request<ConvProblem> r) => new(r.Problem, r.Target);

    private static long KernelBytes(FftTilePlan plan) => ShapeMath.Multiply(sizeof(float), plan.KernelCount);

    private static string? PackKey(Request<ConvProblem> r)
    {
        if (!r.Problem.HasConstantWeights)
            return null;
        FftTilePlan plan = Plan(r);
        return $"conv_fft_tiled/v{plan.Lanes}c{plan.Block}g{plan.Group}t{plan.High}x{plan.Wide}d{r.Problem.H.Dilation}x{r.Problem.W.Dilation}";
    }

    private static PackedConstants Pack(Request<ConvProblem> r, IReadOnlyList<Tensor?> constants)
    {
        FftTilePlan plan = Plan(r);
        PackedConstants packed = PackedConstants.Allocate(KernelBytes(plan));
        var body = new FftSpectra(plan, new ConvGeometry(r.Problem), plan.Frequencies(), (float*)constants[1]!.Address, (float*)packed.Address);
        WorkerPool.Single.For(body.Units, ref body);
        GC.KeepAlive(constants);
        return packed;
    }

    /// <summary>The parts of the workspace, in floats.</summary>
    private sealed class Layout
    {
        public Layout(Request<ConvProblem> r)
        {
            Plan = Plan(r);
            ProductsAt = ShapeMath.RoundUp(Plan.InputCount, 16);
            ScratchAt = ShapeMath.Add(ProductsAt, ShapeMath.RoundUp(Plan.ProductCount, 16));
            KernelsAt = ShapeMath.Add(ScratchAt, ShapeMath.Multiply(Plan.ScratchCount, r.Target.Threads));
            Bytes = ShapeMath.Multiply(sizeof(float), ShapeMath.Add(KernelsAt, r.Problem.HasConstantWeights ? 0 : Plan.KernelCount));
        }

        public FftTilePlan Plan { get; }

        public long ProductsAt { get; }

        public long ScratchAt { get; }

        public long KernelsAt { get; }

        public long Bytes { get; }
    }

    private readonly struct Maker(Request<ConvProblem> r, PackedConstants? packed) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(r, packed);
    }

    private sealed class Kernel<S, V>(Request<ConvProblem> r, PackedConstants? packed) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly Layout _layout = new(r);
        private readonly ConvGeometry _g = new(r.Problem);
        private readonly TileKernels _kernels = TileKernels.For(r.Target.Isa);
        private readonly (int Point, int Mirror)[] _frequencies = Plan(r).Frequencies();

        public override void Run(in KernelArgs args)
        {
            FftTilePlan plan = _layout.Plan;
            var workspace = (float*)args.Workspace;
            float* spectra = packed is null ? workspace + (nint)_layout.KernelsAt : (float*)packed.Address;
            if (packed is null && plan.Tiles > 0)
            {
                var transform = new FftSpectra(plan, _g, _frequencies, (float*)args.Inputs[1], spectra);
                args.Workers.For(transform.Units, ref transform);
            }
            var phases = new FftPhases<S, V>
            {
                G = _g,
                Plan = plan,
                Kernels = _kernels,
                Frequencies = _frequencies,
                X = (float*)args.Inputs[0],
                U = spectra,
                Bias = (float*)args.Inputs[2],
                Residual = _g.HasResidual ? (float*)args.Inputs[3] : null,
                Y = (float*)args.Outputs[0],
                Inputs = workspace,
                Products = workspace + (nint)_layout.ProductsAt,
                Scratch = workspace + (nint)_layout.ScratchAt,
            };
            for (int part = 0; part < plan.Parts; part++)
            {
                phases.Part = part;
                var inputs = new InputPhase<S, V> { Phases = phases };
                args.Workers.For(phases.InputUnits, ref inputs);
                var products = new ProductPhase<S, V> { Phases = phases };
                args.Workers.For(phases.ProductUnits, ref products);
                var outputs = new OutputPhase<S, V> { Phases = phases };
                args.Workers.For(phases.OutputUnits, ref outputs);
            }
            GC.KeepAlive(packed);
        }
    }

    private struct InputPhase<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public FftPhases<S, V> Phases;

        public readonly void Run(int begin, int end, int worker) => Phases.TransformInputs(begin, end, worker);
    }

    private struct ProductPhase<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public FftPhases<S, V> Phases;

        public readonly void Run(int begin, int end, int worker) => Phases.Multiply(begin, end);
    }

    private struct OutputPhase<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public FftPhases<S, V> Phases;

        public readonly void Run(int begin, int end, int worker) => Phases.TransformOutputs(begin, end, worker);
    }
}
