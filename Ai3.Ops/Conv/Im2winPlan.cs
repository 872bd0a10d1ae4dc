using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The layouts of <see cref="ConvIm2win"/>. Windows: [output row][input column, padding counted][kz][ky][channel]. Weights: [group][tile of output
/// channels][kx][kz][ky][channel][columns of the tile], a tile being two vectors of output channels (one at the end of a group, if one holds them;
/// zeros past the last). Channels of a blocked image count its padding lanes.
/// </summary>
internal sealed unsafe class Im2winPlan
{
    private readonly nint _channelTaps;
    private readonly nint _planes;

    public Im2winPlan(Request<ConvProblem> r)
    {
        ConvProblem p = r.Problem;
        G = new ConvGeometry(p);
        Tiles = TileKernels.For(r.Target.Isa);
        IsPlain = r.Formats.Input(0).Kind == FormatKind.Plain;
        Block = r.Target.ChannelBlock;
        Channels = (int)(IsPlain ? p.GroupInChannels : ShapeMath.RoundUp(p.GroupInChannels, Block));
        _channelTaps = (nint)p.Taps;
        _planes = (nint)(p.D.Kernel * p.H.Kernel);
        ColumnDepth = _planes * Channels;
        // Columns a multiple of 1024 bytes apart would fall into few sets of a cache.
        Column = ColumnDepth % 256 == 0 ? ColumnDepth + 16 : ColumnDepth;
        Row = (nint)p.W.Padded * Column;
        ChannelTiles = (G.GroupOutChannels + Tiles.Width - 1) / Tiles.Width;
        TapsOfChunk = (int)Math.Clamp(r.Target.Caches.L2 / 4 / (sizeof(float) * (long)ColumnDepth * Tiles.Width), 1, p.W.Kernel);
        long inCache = Math.Clamp(r.Target.Caches.L2 / 2 / (sizeof(float) * (long)Row), 1, G.OutRows);
        long forThreads = r.Target.Threads == 1 ? 1 : ShapeMath.CeilDiv(4 * r.Target.Threads, p.N * p.Group);
        Bands = new RowPanels(G.OutRows, (int)ShapeMath.CeilDiv(G.OutRows, Math.Min(G.OutRows, Math.Max(ShapeMath.CeilDiv(G.OutRows, inCache), forThreads))));
    }

    public ConvGeometry G { get; }

    public TileKernels Tiles { get; }

    /// <summary>True if the image is plain, not in channel blocks.</summary>
    public bool IsPlain { get; }

    /// <summary>Elements of a channel block.</summary>
    public int Block { get; }

    /// <summary>Channels of a group in the windows.</summary>
    public int Channels { get; }

    /// <summary>Terms of an input column of a window, and elements from one to the next.</summary>
    public nint ColumnDepth { get; }

    public nint Column { get; }

    /// <summary>Elements of the windows of an output row.</summary>
    public nint Row { get; }

    /// <summary>Tiles of output channels in a group.</summary>
    public int ChannelTiles { get; }

    /// <summary>Taps along the width whose weights are used together: they stay in the level 2 cache.</summary>
    public int TapsOfChunk { get; }

    /// <summary>Output rows in bands whose windows stay in the level 2 cache.</summary>
    public RowPanels Bands { get; }

    /// <summary>Elements of the windows of a band, in whole cache lines.</summary>
    public long BandCount => ShapeMath.RoundUp(ShapeMath.Multiply(Bands.RowsOf(0), Row), 16);

    /// <summary>Bytes of the packed weights, in whole cache lines.</summary>
    public long WeightBytes => ShapeMath.RoundUp(ShapeMath.Product([sizeof(float), G.Group, PaddedOutChannels, Depth]), NativeBuffer.Alignment);

    /// <summary>Names the layout of the weights.</summary>
    public string WeightKey => $"conv_im2win/v{Tiles.Lanes}c{Channels}g{G.Group}";

    private nint PaddedOutChannels => (nint)ShapeMath.RoundUp(G.GroupOutChannels, Tiles.Lanes);

    private nint Depth => G.W.Kernel * ColumnDepth;

    /// <summary>Output channels of a tile.</summary>
    public int Columns(int tile) => Math.Min(Tiles.Width, G.GroupOutChannels - tile * Tiles.Width);

    /// <summary>Elements from one term of a tile's weights to the next.</summary>
    public int Step(int tile) => Columns(tile) > Tiles.Lanes ? Tiles.Width : Tiles.Lanes;

    /// <summary>Where the weights of a tile are.</summary>
    public nint WeightPlace(int group, int tile) => (group * PaddedOutChannels + (nint)tile * Tiles.Width) * Depth;

    public PackedConstants Pack(Tensor weights)
    {
        PackedConstants packed = PackedConstants.Allocate(WeightBytes);
        Pack((float*)weights.Address, (float*)packed.Address, WorkerPool.Single);
        GC.KeepAlive(weights);
        return packed;
    }

    public void Pack(float* w, float* packed, WorkerPool workers)
    {
        var body = new PackBody { Plan = this, W = w, Packed = packed };
        workers.For(G.Group * ChannelTiles, ref body);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackTile(float* w, float* packed, int group, int tile)
    {
        int columns = Columns(tile), step = Step(tile);
        packed += WeightPlace(group, tile);
        w += ((nint)group * G.GroupOutChannels + (nint)tile * Tiles.Width) * G.GroupChannels * _channelTaps;
        for (int kx = 0; kx < G.W.Kernel; kx++)
            for (nint plane = 0; plane < _planes; plane++)
                for (int c = 0; c < Channels; c++, packed += step)
                    for (int column = 0; column < step; column++)
                        packed[column] = column < columns && c < G.GroupChannels
                            ? w[((nint)column * G.GroupChannels + c) * _channelTaps + plane * G.W.Kernel + kx] : 0;
    }

    private struct PackBody : IParallelBody
    {
        public Im2winPlan Plan;
        public float* W, Packed;

        public readonly void Run(int begin, int end, int worker)
        {
            for (int i = begin; i < end; i++)
                Plan.PackTile(W, Packed, i / Plan.ChannelTiles, i % Plan.ChannelTiles);
        }
    }
}
