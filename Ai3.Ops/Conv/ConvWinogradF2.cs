using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Winograd's minimal filtering F(2x2, 3x3) over channel blocks: 2x2 outputs a tile from 4x4 inputs, 16 instead of 36 products.
/// Phases of a part of the tiles: transform inputs; 16 matrix products (tiles x input channels) by (input x output channels); transform
/// products into outputs with bias, residual and clamp. Lavin and Gray 2016, arXiv:1509.09308.
/// </summary>
/// <remarks>
/// <para>x [n][C/c][iH][iW][c], y [n][M/c][oH][oW][c]. Workspace: transformed inputs [point][C/c][tile][c] and products
/// [point][M/c][tile][c] of a part, for each worker or once; then kernels [point][tile of M][C][columns] where the weights are not
/// constant. Kernels are transformed in double and rounded once.</para>
/// <para>Error. Write the tile as y_o = sum over points a of A'_oa (G g)_a (B' d)_a, in each direction, and put absolute values everywhere:
/// in one direction output 0 meets the product |d_i||g_k| with weight 1 for i - k = 0 (its own sum) and -1 and 1, and 2 for i - k = 2; output 1 alike,
/// mirrored. Each of those is a term of the sum S of another output i - k, so the absolute sum is at most 1 + 1 + 1 + 2 = 5 times
/// the largest S, 25 times in two directions (at an image's edge outputs that would lie outside it count too). The longest chain of
/// roundings: kernel 1, input transform 2, product 1, C - 1 sums, output transform 4, bias, residual, transforms' first-order cross terms 2.
/// Hence |error| is at most 25 (C + 10) u max S.</para>
/// </remarks>
internal static unsafe class ConvWinogradF2
{
    private const int MostPixels = 1 << 28;

    // Channel blocks that one call of the tile kernel takes.
    private const int OffsetsAtOnce = 128;

    public static Algorithm<ConvProblem> Row { get; } = new()
    {
        Name = "winograd_f2x2_3x3",
        Source = "Lavin and Gray 2016, arXiv:1509.09308",
        Needs = "3x3, stride 1, no dilation, one group",
        Workspace = "transformed tiles and products; transformed weights if they are not constant",
        Layouts = "blocked",
        PropagatesExactly = false,
        Supports = Supports,
        Formats = ConvFormats.BlockedOnly,
        Fuses = static (_, _) => FusedParts.Clamp | FusedParts.Residual,
        WorkspaceBytes = static r => ShapeMath.Add(BufferBytes(r), r.Problem.HasConstantWeights ? 0 : KernelBytes(r)),
        PackedBytes = static r => r.Problem.HasConstantWeights ? KernelBytes(r) : 0,
        CostHint = CostHint,
        Error = static (p, _) => ErrorBound.TileNorm(25 * (p.InChannels + 10.0)),
        PackKey = static r => r.Problem.HasConstantWeights ? $"conv_winograd_f2/v{r.Target.Lanes}c{r.Target.ChannelBlock}" : null,
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

    private static double CostHint(Request<ConvProblem> r)
    {
        var plan = new WinogradPlan(r.Problem, r.Target);
        double tiles = (double)r.Problem.N * plan.Tiles;
        double products = 2.0 * WinogradF2.Points * tiles * plan.Channels * plan.OutChannels;
        double transforms = tiles * (32.0 * plan.Channels + 24.0 * plan.OutChannels);
        return ConvRows.Cost(r, products / 0.9 + transforms / 0.12, 1, KernelBytes(r));
    }

    private static long BufferBytes(Request<ConvProblem> r) => ShapeMath.RoundUp(new WinogradPlan(r.Problem, r.Target).BufferBytes, NativeBuffer.Alignment);

    private static long KernelBytes(Request<ConvProblem> r) => ShapeMath.Multiply(sizeof(float), new WinogradPlan(r.Problem, r.Target).KernelCount);

    private static PackedConstants Pack(Request<ConvProblem> r, IReadOnlyList<Tensor?> constants)
    {
        PackedConstants packed = PackedConstants.Allocate(KernelBytes(r));
        var body = new KernelBody(new WinogradPlan(r.Problem, r.Target), r.Problem, (float*)constants[1]!.Address, (float*)packed.Address);
        WorkerPool.Single.For(body.Units, ref body);
        GC.KeepAlive(constants);
        return packed;
    }

    /// <summary>Transforms the kernels of tiles of output channels, some input channels at a time: each point's share is written in one piece.</summary>
    private readonly struct KernelBody(WinogradPlan plan, ConvProblem p, float* w, float* packed) : IParallelBody
    {
        private const int ChannelsAtOnce = 8;

        private readonly WinogradPlan _plan = plan;
        private readonly float* _w = w;
        private readonly float* _packed = packed;
        private readonly int _channels = (int)p.InChannels;
        private readonly int _outChannels = (int)p.OutChannels;

        public int Units => _plan.ChannelTiles;

        public void Run(int begin, int end, int worker)
        {
            float* some = stackalloc float[WinogradF2.Points * ChannelsAtOnce * _plan.Width];
            for (int tile = begin; tile < end; tile++)
                for (int c = 0; c < _plan.Channels; c += ChannelsAtOnce)
                    Transform(tile, c, Math.Min(ChannelsAtOnce, _plan.Channels - c), some);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Transform(int tile, int first, int count, float* some)
        {
            double* u = stackalloc double[WinogradF2.Points];
            int columns = _plan.ColumnsOf(tile), length = count * columns;
            for (int column = 0; column < columns; column++)
                for (int i = 0; i < count; i++)
                {
                    int m = tile * _plan.Width + column, c = first + i;
                    new Span<double>(u, WinogradF2.Points).Clear();
                    if (m < _outChannels && c < _channels)
                        WinogradF2.Kernel(_w + ((nint)m * _channels + c) * 9, u);
                    for (int point = 0; point < WinogradF2.Points; point++)
                        some[point * length + i * columns + column] = (float)u[point];
                }
            float* target = _packed + (nint)tile * _plan.Width * _plan.Channels + (nint)first * columns;
            for (int point = 0; point < WinogradF2.Points; point++, target += (nint)_plan.Channels * _plan.OutChannels)
                Buffer.MemoryCopy(some + point * length, target, length * sizeof(float), length * sizeof(float));
        }
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

        public Kernel(Request<ConvProblem> r, PackedConstants? packed)
        {
            _problem = r.Problem;
            _plan = new WinogradPlan(r.Problem, r.Target);
            _g = new ConvGeometry(r.Problem);
            _kernels = TileKernels.For(r.Target.Isa);
            _packed = packed;
            _bufferBytes = (nint)BufferBytes(r);
        }

        public override void Run(in KernelArgs args)
        {
            float* kernels = _packed is null ? (float*)(args.Workspace + _bufferBytes) : (float*)_packed.Address;
            if (_packed is null)
            {
                var transform = new KernelBody(_plan, _problem, (float*)args.Inputs[1], kernels);
                args.Workers.For(transform.Units, ref transform);
            }
            var phases = new Phases<S, V>
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
            };
            if (_plan.IsPhased)
                for (int part = 0; part < _g.N * _plan.Parts; part++)
                {
                    var inputs = new InputPhase<S, V> { Phases = phases, Part = part };
                    args.Workers.For(_plan.Channels / _plan.Block, ref inputs);
                    var products = new ProductPhase<S, V> { Phases = phases, Part = part };
                    args.Workers.For(WinogradF2.Points * _plan.ChannelTiles, ref products);
                    var outputs = new OutputPhase<S, V> { Phases = phases, Part = part };
                    args.Workers.For(_plan.OutChannels / _plan.Block, ref outputs);
                }
            else
            {
                var parts = new WholeParts<S, V> { Phases = phases };
                args.Workers.For(_g.N * _plan.Parts, ref parts);
            }
            GC.KeepAlive(_packed);
        }
    }

    private struct WholeParts<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public Phases<S, V> Phases;

        public readonly void Run(int begin, int end, int worker)
        {
            for (int part = begin; part < end; part++)
            {
                Phases.Inputs(part, worker, 0, Phases.Plan.Channels / Phases.Plan.Block);
                Phases.Products(part, worker, 0, WinogradF2.Points * Phases.Plan.ChannelTiles);
                Phases.Outputs(part, worker, 0, Phases.Plan.OutChannels / Phases.Plan.Block);
            }
        }
    }

    private struct InputPhase<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public Phases<S, V> Phases;
        public int Part;

        public readonly void Run(int begin, int end, int worker) => Phases.Inputs(Part, 0, begin, end);
    }

    private struct ProductPhase<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public Phases<S, V> Phases;
        public int Part;

        public readonly void Run(int begin, int end, int worker) => Phases.Products(Part, 0, begin, end);
    }

    private struct OutputPhase<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public Phases<S, V> Phases;
        public int Part;

        public readonly void Run(int begin, int end, int worker) => Phases.Outputs(Part, 0, begin, end);
    }

    /// <summary>The three phases over part of their range, for a part of the tiles in one pair of buffers.</summary>
    private struct Phases<S, V> where S : struct, ISimd<V> where V : unmanaged
    {
        public ConvGeometry G;
        public WinogradPlan Plan;
        public TileKernels Kernels;
        public float* X, U, Bias, Residual, Y, Workspace;

        private readonly void Locate(int part, int buffer, out int n, out int first, out int count, out float* v, out float* m)
        {
            n = part / Plan.Parts;
            part %= Plan.Parts;
            first = (int)((long)Plan.Tiles * part / Plan.Parts);
            count = (int)((long)Plan.Tiles * (part + 1) / Plan.Parts) - first;
            v = Workspace + buffer * (Plan.InputCount + Plan.ProductCount);
            m = v + Plan.InputCount;
        }

        /// <summary>Input blocks [begin, end).</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Inputs(int part, int buffer, int begin, int end)
        {
            Locate(part, buffer, out int n, out int first, out int count, out float* v, out _);
            int block = Plan.Block, columns = Plan.Columns, inH = G.H.In, inW = G.W.In;
            nint point = (nint)count * Plan.Channels, row = (nint)inW * block;
            float* edge = stackalloc float[WinogradF2.Points * block];
            for (int b = begin; b < end; b++)
            {
                float* x = X + ((nint)n * (Plan.Channels / block) + b) * G.InPixels * block;
                float* target = v + (nint)b * count * block;
                int y = first / columns * 2 - G.H.Pad, i = first % columns;
                for (int t = 0; t < count; t++, target += block)
                {
                    int left = i * 2 - G.W.Pad;
                    float* d = x + ((nint)y * inW + left) * block;
                    if (y >= 0 && left >= 0 && y + 4 <= inH && left + 4 <= inW)
                        for (int lane = 0; lane < block; lane += S.Lanes)
                            WinogradF2.Input<S, V>(d + lane, row, block, target + lane, point);
                    else
                    {
                        CopyEdge(d, y, left, edge);
                        for (int lane = 0; lane < block; lane += S.Lanes)
                            WinogradF2.Input<S, V>(edge + lane, 4 * block, block, target + lane, point);
                    }
                    if (++i == columns)
                    {
                        i = 0;
                        y += 2;
                    }
                }
            }
        }

        // A 4x4 tile at (y, x) that is partly outside, with zeros there.
        private readonly void CopyEdge(float* d, int y, int x, float* edge)
        {
            int block = Plan.Block;
            for (int r = 0; r < 4; r++)
                for (int c = 0; c < 4; c++, edge += block)
                {
                    bool inside = y + r >= 0 && y + r < G.H.In && x + c >= 0 && x + c < G.W.In;
                    float* s = d + ((nint)r * G.W.In + c) * block;
                    for (int lane = 0; lane < block; lane += S.Lanes)
                        S.Store(inside ? S.Load(s + lane) : S.Zero, edge + lane);
                }
        }

        /// <summary>Products [begin, end) of all points and tiles of output channels.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Products(int part, int buffer, int begin, int end)
        {
            Locate(part, buffer, out _, out _, out int count, out float* v, out float* m);
            int block = Plan.Block, blocks = Plan.Channels / block;
            nint* offsets = stackalloc nint[OffsetsAtOnce];
            var panels = new RowPanels(count, Kernels.MaxRows);
            TileArgs a = default;
            a.ARow = block;
            a.Offsets = offsets;
            a.KPerTap = block;
            a.CRow = block;
            a.CBlock = a.Addend0Block = Plan.Lanes == block ? (nint)count * block : Plan.Lanes;
            a.Addend0Row = block;
            for (int i = 0; i < OffsetsAtOnce; i++)
                offsets[i] = (nint)i * count * block;
            for (int i = begin; i < end; i++)
            {
                int xi = i / Plan.ChannelTiles, tile = i % Plan.ChannelTiles, columns = Plan.ColumnsOf(tile), channel = tile * Plan.Width;
                float* u = U + (nint)xi * Plan.Channels * Plan.OutChannels + (nint)channel * Plan.Channels;
                float* d = v + (nint)xi * count * Plan.Channels;
                float* c = m + (nint)xi * count * Plan.OutChannels + (nint)(channel / block) * count * block + channel % block;
                a.BStep = columns;
                for (int b = 0; b < blocks; b += OffsetsAtOnce)
                {
                    a.Taps = Math.Min(OffsetsAtOnce, blocks - b);
                    a.B = u + (nint)b * block * columns;
                    for (long panel = 0; panel < panels.Count; panel++)
                    {
                        nint start = (nint)panels.Start(panel) * block;
                        a.A = d + (nint)b * count * block + start;
                        a.C = c + start;
                        a.Addend0 = b == 0 ? null : a.C;
                        Kernels.Get(panels.RowsOf(panel), columns, &a)(&a);
                    }
                }
            }
        }

        /// <summary>Output blocks [begin, end).</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Outputs(int part, int buffer, int begin, int end)
        {
            Locate(part, buffer, out int n, out int first, out int count, out _, out float* m);
            int block = Plan.Block, columns = Plan.Columns, outH = G.H.Out, outW = G.W.Out;
            nint point = (nint)count * Plan.OutChannels, row = (nint)outW * block;
            float* bias = stackalloc float[block], mask = stackalloc float[block];
            V low = S.Create(G.Low), high = S.Create(G.High);
            for (int b = begin; b < end; b++)
            {
                for (int lane = 0; lane < block; lane++)
                {
                    bool isThere = b * block + lane < G.OutChannels;
                    bias[lane] = isThere && Bias != null ? Bias[b * block + lane] : 0;
                    mask[lane] = BitConverter.Int32BitsToSingle(isThere ? -1 : 0);
                }
                nint plane = ((nint)n * (Plan.OutChannels / block) + b) * G.OutPixels * block;
                for (int lane = 0; lane < block; lane += S.Lanes)
                {
                    V shift = S.Load(bias + lane), keep = S.Load(mask + lane);
                    float* source = m + (nint)b * count * block + lane;
                    int y = first / columns * 2, i = first % columns;
                    for (int t = 0; t < count; t++, source += block)
                    {
                        WinogradF2.Output<S, V>(source, point, out V y00, out V y01, out V y10, out V y11);
                        nint at = plane + ((nint)y * outW + 2 * i) * block + lane;
                        bool right = 2 * i + 1 < outW;
                        Finish(y00, shift, keep, low, high, at);
                        if (right)
                            Finish(y01, shift, keep, low, high, at + block);
                        if (y + 1 < outH)
                        {
                            Finish(y10, shift, keep, low, high, at + row);
                            if (right)
                                Finish(y11, shift, keep, low, high, at + row + block);
                        }
                        if (++i == columns)
                        {
                            i = 0;
                            y += 2;
                        }
                    }
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Finish(V v, V bias, V mask, V low, V high, nint at)
        {
            v = S.Add(v, bias);
            if (Residual != null)
                v = S.Add(v, S.Load(Residual + at));
            S.Store(S.And(S.Min(high, S.Max(low, v)), mask), Y + at);
        }
    }
}
