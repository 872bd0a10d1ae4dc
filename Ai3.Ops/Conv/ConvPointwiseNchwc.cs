using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The blocked form of <see cref="ConvPointwise"/>.</summary>
internal static unsafe class ConvPointwiseNchwc
{
    // Pixels of a block, at least: a multiple of the tile kernel's rows that many maps divide.
    private const int PixelsOfBlock = 112;

    public static long WorkspaceBytes(Request<ConvProblem> r) => r.Problem.HasConstantWeights ? 0 : Weights(r).Bytes;

    public static long PackedBytes(Request<ConvProblem> r) => r.Problem.HasConstantWeights ? Weights(r).Bytes : 0;

    public static string PackKey(Request<ConvProblem> r) => Weights(r).Key;

    public static PackedConstants Pack(Request<ConvProblem> r, Tensor weights) => Weights(r).Pack(weights);

    public static PreparedKernel Bind(Request<ConvProblem> r, PackedConstants? packed) => new Kernel(r, packed);

    public static double CostHint(Request<ConvProblem> r)
    {
        ConvProblem p = r.Problem;
        double columns = ShapeMath.RoundUp(p.GroupOutChannels, r.Target.Lanes) * (double)p.Group;
        return ConvRows.Cost(r, p.Flops / p.OutChannels * columns, 0.95 * (p.GroupOutChannels > r.Target.Lanes ? 1 : 0.8), Weights(r).Bytes);
    }

    private static NchwcWeights Weights(Request<ConvProblem> r) => new(r.Problem, r.Target);

    private sealed class Kernel : PreparedKernel
    {
        private readonly ConvGeometry _g;
        private readonly NchwcWeights _weights;
        private readonly TileKernels _kernels;
        private readonly PackedConstants? _packed;
        private readonly int _pixelBlocks;
        private readonly int _tileGroups;
        private readonly nint[] _offsets;
        private readonly ActivationStrip _activation;

        public Kernel(Request<ConvProblem> r, PackedConstants? packed)
        {
            _g = new ConvGeometry(r.Problem);
            _weights = Weights(r);
            _kernels = TileKernels.For(r.Target.Isa);
            _packed = packed;
            _activation = ActivationStrip.Of(r.Problem.Fusion.Activation, r.Target.Isa);
            _pixelBlocks = (int)ShapeMath.CeilDiv(_g.OutPixels, PixelsIn(r.Target));
            double units = (double)_g.N * _g.Group * _pixelBlocks;
            _tileGroups = r.Target.Threads == 1 ? 1 : (int)Math.Clamp(Math.Ceiling(4 * r.Target.Threads / units), 1, _weights.Tiles);
            _offsets = GC.AllocateUninitializedArray<nint>(_weights.ChunkBlocks, pinned: true);
            for (int i = 0; i < _offsets.Length; i++)
                _offsets[i] = i * _g.InPixels * _weights.Block;
        }

        // Long stretches of each channel block's plane are read better than short ones, as long as a chunk of them stays in the level 2 cache.
        private long PixelsIn(Target target)
        {
            long channels = Math.Min(_g.GroupChannels, _weights.ChunkBlocks * _weights.Block);
            return Math.Max(PixelsOfBlock, target.Caches.L2 / 2 / (sizeof(float) * channels * PixelsOfBlock) * PixelsOfBlock);
        }

        public override void Run(in KernelArgs args)
        {
            float* weights = _packed is null ? (float*)args.Workspace : (float*)_packed.Address;
            if (_packed is null)
                _weights.Pack((float*)args.Inputs[1], weights, args.Workers);
            var body = new Body
            {
                G = _g,
                Packing = _weights,
                Kernels = _kernels,
                Offsets = (nint*)Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(_offsets)),
                PixelBlocks = _pixelBlocks,
                TileGroups = _tileGroups,
                Activation = _activation,
                X = (float*)args.Inputs[0],
                Weights = weights,
                Bias = (float*)args.Inputs[2],
                Residual = _g.HasResidual ? (float*)args.Inputs[3] : null,
                Y = (float*)args.Outputs[0],
            };
            args.Workers.For(_g.N * _g.Group * _tileGroups * _pixelBlocks, ref body);
            GC.KeepAlive(_packed);
            GC.KeepAlive(_offsets);
        }
    }

    private struct Body : IParallelBody
    {
        public ConvGeometry G;
        public NchwcWeights Packing;
        public TileKernels Kernels;
        public nint* Offsets;
        public int PixelBlocks, TileGroups;
        public ActivationStrip Activation;
        public float* X, Weights, Bias, Residual, Y;

        public readonly void Run(int begin, int end, int worker)
        {
            for (int i = begin; i < end; i++)
            {
                int block = i % PixelBlocks, rest = i / PixelBlocks;
                int tiles = rest % TileGroups;
                rest /= TileGroups;
                nint p0 = (nint)((long)G.OutPixels * block / PixelBlocks), p1 = (nint)((long)G.OutPixels * (block + 1) / PixelBlocks);
                int t0 = Packing.Tiles * tiles / TileGroups, t1 = Packing.Tiles * (tiles + 1) / TileGroups;
                Unit(rest / G.Group, rest % G.Group, t0, t1, p0, p1 - p0);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Unit(int n, int group, int t0, int t1, nint pixel, nint pixels)
        {
            int block = Packing.Block, lanes = Packing.Lanes;
            int outBlocks = (G.OutChannels + block - 1) / block, inBlocks = (G.Channels + block - 1) / block;
            nint plane = G.OutPixels * block;
            var panels = new RowPanels(pixels, Kernels.MaxRows);
            TileArgs a = default;
            a.ARow = a.CRow = a.Addend1Row = block;
            a.CBlock = a.Addend1Block = lanes == block ? plane : lanes;
            a.Low = G.Low;
            a.High = G.High;
            for (int chunk = 0; chunk < Packing.Chunks; chunk++)
            {
                int channels = Packing.ChannelsOf(chunk), c = group * G.GroupChannels + Packing.FirstChannel(chunk);
                bool first = chunk == 0, last = chunk == Packing.Chunks - 1;
                float* x = X + ((nint)n * inBlocks + c / block) * plane + pixel * block;
                a.Offsets = Offsets;
                a.Taps = Math.Max(1, channels / block);
                a.KPerTap = Math.Min(channels, block);
                a.Clamp = last && (G.Low > float.NegativeInfinity || G.High < float.PositiveInfinity);
                a.Addend0Row = first ? 0 : block;
                a.Addend0Block = first ? lanes : a.CBlock;
                for (int tile = t0; tile < t1; tile++)
                {
                    int m = group * G.GroupOutChannels + tile * Packing.Width, columns = Packing.Columns(tile);
                    nint at = ((nint)n * outBlocks + m / block) * plane + pixel * block + m % block;
                    a.B = Weights + Packing.Place(group, tile, chunk);
                    a.BStep = Packing.Step(tile);
                    // The next tile's weights come from memory while this one's first lines compute.
                    var ahead = new ReadAhead(tile + 1 < t1 ? Weights + Packing.Place(group, tile + 1, chunk) : null, (nint)channels * Packing.Step(tile));
                    for (long panel = 0; panel < panels.Count; panel++)
                    {
                        nint start = (nint)panels.Start(panel) * block;
                        a.A = x + start;
                        a.C = Y + at + start;
                        a.Addend0 = !first ? a.C : Bias == null ? null : Bias + m;
                        a.Addend1 = last && Residual != null ? Residual + at + start : null;
                        a.Ahead = ahead.Take(channels);
                        int rows = panels.RowsOf(panel);
                        Kernels.Get(rows, columns, &a)(&a);
                        if (last)
                            Activation.ApplyTile(a.C, rows, block, columns, lanes, a.CBlock);
                    }
                }
            }
            if (t1 == Packing.Tiles && G.OutChannels % block != 0)
                ClearPadding(Y + ((nint)n * outBlocks + outBlocks - 1) * plane + pixel * block, pixels);
        }

        private readonly void ClearPadding(float* y, nint pixels)
        {
            for (nint p = 0; p < pixels; p++, y += Packing.Block)
                for (int lane = G.OutChannels % Packing.Block; lane < Packing.Block; lane++)
                    y[lane] = 0;
        }
    }
}
