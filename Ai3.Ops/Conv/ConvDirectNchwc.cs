using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Direct convolution over channel blocks: a tile of outputs in a line times two vectors of output channels stays in registers over the taps and
/// channels of a chunk, the input is read where it lies. Zhang et al. 2018, arXiv:1809.10170.
/// </summary>
/// <remarks>
/// x [n][C/c][iD][iH][iW][c], or plain [n, C, iD, iH, iW] with fewer channels than a block; y [n][M/c][oD][oH][oW][c]; weights packed
/// (<see cref="NchwcWeights"/>, for a plain input [tile][kz][ky][channel][kx][columns]). Loops: unit (image, group, tiles of output
/// channels, band of rows), chunk, tile of output channels, line. A chunk's weights stay in the level 2 cache over a band.
/// Workspace: the packed weights where they are not constant. Registers: those of <see cref="Tile"/>.
/// </remarks>
internal static unsafe class ConvDirectNchwc
{
    public static Algorithm<ConvProblem> Row { get; } = new()
    {
        Name = "direct_nchwc",
        Source = "Zhang et al. 2018, arXiv:1809.10170",
        Needs = "channels of a group in whole blocks, or one group",
        Workspace = "packed weights if they are not constant",
        Layouts = "blocked, or plain to blocked for fewer channels than a block",
        Supports = static (p, t) => ConvRows.Common(p).And(ConvRows.WholeBlocks(p, t)),
        Formats = Formats,
        Fuses = static (_, _) => FusedParts.AnyActivation | FusedParts.Residual,
        WorkspaceBytes = static r => r.Problem.HasConstantWeights ? 0 : Weights(r).Bytes,
        PackedBytes = static r => r.Problem.HasConstantWeights ? Weights(r).Bytes : 0,
        CostHint = CostHint,
        Error = static (p, t) => ErrorBound.PerElement(ConvRows.Chain(p.Depth) + Stretches(p, t)),
        PackKey = static r => r.Problem.HasConstantWeights ? Weights(r).Key : null,
        Pack = static (r, constants) => Weights(r).Pack(constants[1]!),
        Bind = static (r, packed) => new Kernel(r, packed),
    };

    private static bool ReadsPlain(Request<ConvProblem> r) => r.Formats.Input(0).Kind == FormatKind.Plain;

    private static NchwcWeights Weights(Request<ConvProblem> r) => new(r.Problem, r.Target, ReadsPlain(r));

    // Partial sums of an output, at most: for each chunk (no more than the blocks), or channel of a plain input, and kernel row.
    private static double Stretches(ConvProblem p, Target target) =>
        (double)p.D.Kernel * p.H.Kernel * Math.Max(ShapeMath.CeilDiv(p.GroupInChannels, target.ChannelBlock), Math.Min(p.InChannels, target.ChannelBlock));

    private static ImmutableArray<FormatChoice> Formats(ConvProblem p, Target target)
    {
        FormatChoice blocked = ConvFormats.BlockedOnly(p, target)[0];
        return p.Group == 1 && p.InChannels < target.ChannelBlock ? [blocked, ConvFormats.Of(p, Format.Plain, blocked.Output(0))] : [blocked];
    }

    private static double CostHint(Request<ConvProblem> r)
    {
        ConvProblem p = r.Problem;
        double columns = ShapeMath.RoundUp(p.GroupOutChannels, r.Target.Lanes) * (double)p.Group;
        double inside = (1 - Outside(p.H)) * (1 - Outside(p.W)) * (1 - Outside(p.D));
        double filled = Math.Min(1, p.OutPixels / 48.0), efficiency = 0.93 * (0.4 + 0.6 * filled) * (p.GroupOutChannels > r.Target.Lanes ? 1 : 0.8);
        return ConvRows.Cost(r, p.Flops / p.OutChannels * columns * inside, efficiency, Weights(r).Bytes);
    }

    // The part of an axis's taps that is padding.
    private static double Outside(in ConvAxis a) => Math.Min(0.5, (a.PadBegin + a.PadEnd) * (a.Kernel - 1.0) / (2.0 * a.Kernel * Math.Max(a.Out * a.Stride, 1)));

    private sealed class Kernel : PreparedKernel
    {
        private readonly ConvGeometry _g;
        private readonly ConvRegions _regions;
        private readonly NchwcWeights _weights;
        private readonly TileKernels _tiles;
        private readonly TapTable[] _taps;
        private readonly PackedConstants? _packed;
        private readonly ActivationStrip _activation;
        private readonly bool _plain;
        private readonly int _bands;

        public Kernel(Request<ConvProblem> r, PackedConstants? packed)
        {
            _g = new ConvGeometry(r.Problem);
            _regions = new ConvRegions(_g);
            _plain = ReadsPlain(r);
            _weights = Weights(r);
            _tiles = TileKernels.For(r.Target.Isa);
            _packed = packed;
            _activation = ActivationStrip.Of(r.Problem.Fusion.Activation, r.Target.Isa);
            _taps = _plain ? [TapTable.Plain(_g)] : [.. Enumerable.Range(0, _weights.Chunks).Select(BlockedTaps)];
            _bands = Bands(r.Target);
        }

        // Chunks of as many blocks share a table.
        private TapTable BlockedTaps(int chunk)
        {
            int channels = _weights.ChannelsOf(chunk), block = _weights.Block;
            return channels % block == 0 ? TapTable.Blocked(_g, block, channels / block, block) : TapTable.Blocked(_g, block, 1, channels);
        }

        // Bands of rows: small enough that a band's input stays in the level 2 cache, and enough units for the threads.
        private int Bands(Target target)
        {
            double rowBytes = sizeof(float) * (double)_g.W.In * Math.Min(_g.GroupChannels, _weights.ChunkBlocks * _weights.Block) * _g.H.Stride;
            int forCache = (int)Math.Clamp(_g.H.Out * rowBytes / (target.Caches.L2 / 2), 1, _g.H.Out);
            double units = (double)_g.N * _g.Group * _weights.Tiles * _g.D.Out;
            int forThreads = target.Threads == 1 ? 1 : (int)Math.Clamp(Math.Ceiling(4 * target.Threads / Math.Max(units, 1)), 1, _g.H.Out);
            return Math.Max(forCache, Math.Max(forThreads, 1));
        }

        public override void Run(in KernelArgs args)
        {
            float* weights = _packed is null ? (float*)args.Workspace : (float*)_packed.Address;
            if (_packed is null)
                _weights.Pack((float*)args.Inputs[1], weights, args.Workers);
            var body = new Body
            {
                G = _g,
                Regions = _regions,
                Packing = _weights,
                Kernels = _tiles,
                Taps = _taps,
                Activation = _activation,
                IsPlain = _plain,
                Bands = _bands,
                X = (float*)args.Inputs[0],
                Weights = weights,
                Bias = (float*)args.Inputs[2],
                Residual = _g.HasResidual ? (float*)args.Inputs[3] : null,
                Y = (float*)args.Outputs[0],
            };
            args.Workers.For(_g.N * _g.Group * _weights.Tiles * _g.D.Out * _bands, ref body);
            GC.KeepAlive(_packed);
        }
    }

    private struct Body : IParallelBody
    {
        public ConvGeometry G;
        public ConvRegions Regions;
        public NchwcWeights Packing;
        public TileKernels Kernels;
        public TapTable[] Taps;
        public ActivationStrip Activation;
        public bool IsPlain;
        public int Bands;
        public float* X, Weights, Bias, Residual, Y;

        public readonly void Run(int begin, int end, int worker)
        {
            for (int i = begin; i < end; i++)
            {
                int band = i % Bands, rest = i / Bands;
                int z = rest % G.D.Out;
                rest /= G.D.Out;
                int tile = rest % Packing.Tiles;
                rest /= Packing.Tiles;
                Unit(rest / G.Group, rest % G.Group, tile, z, (int)((long)G.H.Out * band / Bands), (int)((long)G.H.Out * (band + 1) / Bands));
            }
        }

        private readonly void Unit(int n, int group, int tile, int z, int y0, int y1)
        {
            int block = Packing.Block, lanes = Packing.Lanes;
            int outBlocks = (G.OutChannels + block - 1) / block, inBlocks = (G.Channels + block - 1) / block;
            int m = group * G.GroupOutChannels + tile * Packing.Width;
            nint plane = G.OutPixels * block, at = ((nint)n * outBlocks + m / block) * plane + m % block;
            var tiles = new NchwcTiles
            {
                G = G,
                Kernels = Kernels,
                Pixel = IsPlain ? 1 : block,
                Step = Packing.Step(tile),
                Columns = Packing.Columns(tile),
                Y = Y + at,
                Block = block,
                VectorStep = lanes == block ? plane : lanes,
                Bias = Bias == null ? null : Bias + m,
                Residual = Residual == null ? null : Residual + at,
                Activation = Activation,
            };
            for (int chunk = 0; chunk < Packing.Chunks; chunk++)
            {
                int c = group * G.GroupChannels + Packing.FirstChannel(chunk);
                tiles.Taps = Taps[chunk];
                tiles.X = IsPlain ? X + (nint)n * G.Channels * G.InPixels : X + ((nint)n * inBlocks + c / block) * G.InPixels * block;
                tiles.Weights = Weights + Packing.Place(group, tile, chunk);
                tiles.Ahead = chunk + 1 < Packing.Chunks ? Ahead(group, tile, chunk + 1)
                    : tile + 1 < Packing.Tiles && y1 == G.H.Out && z + 1 == G.D.Out ? Ahead(group, tile + 1, 0) : default;
                tiles.IsFirstChunk = chunk == 0;
                tiles.IsLastChunk = chunk == Packing.Chunks - 1;
                Regions.Visit(z, y0, y1, ref tiles);
            }
            if (tile == Packing.Tiles - 1 && G.OutChannels % block != 0)
                ClearPadding(Y + ((nint)n * outBlocks + outBlocks - 1) * plane + ((nint)z * G.H.Out + y0) * G.W.Out * block, (nint)(y1 - y0) * G.W.Out);
        }

        private readonly ReadAhead Ahead(int group, int tile, int chunk) =>
            new(Weights + Packing.Place(group, tile, chunk), Packing.ChannelsOf(chunk) * (nint)G.Taps * Packing.Step(tile));

        private readonly void ClearPadding(float* y, nint pixels)
        {
            for (nint p = 0; p < pixels; p++, y += Packing.Block)
                for (int lane = G.OutChannels % Packing.Block; lane < Packing.Block; lane++)
                    y[lane] = 0;
        }
    }
}
