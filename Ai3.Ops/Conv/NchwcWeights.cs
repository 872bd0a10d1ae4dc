using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Weights as the tile kernel streams them for a blocked input: [group][tile of output channels][chunk of input channels][tap][input
/// channel of the chunk][columns of the tile]. A tile is two vectors of output channels (one at the end of a group, if one holds
/// them; zeros past the last channel); a chunk is some whole channel blocks, sized so that a tile's chunk stays in the level 2 cache, and the last
/// channels of a group that fill no block are a chunk of their own.
/// </summary>
/// <remarks>Depends on the problem's channels and taps and on the target, not on the image.</remarks>
internal sealed unsafe class NchwcWeights
{
    private readonly nint _taps;
    private readonly nint _kernelWidth;
    private readonly bool _plain;

    /// <param name="p">The problem.</param>
    /// <param name="target">The machine.</param>
    /// <param name="plain">True for a plain input of one group: one chunk, [kz][ky][input channel][kx] instead of [tap][input channel].</param>
    public NchwcWeights(ConvProblem p, Target target, bool plain = false)
    {
        _plain = plain;
        _kernelWidth = (nint)p.W.Kernel;
        Block = target.ChannelBlock;
        Lanes = target.Lanes;
        Group = (int)p.Group;
        Channels = (int)p.GroupInChannels;
        OutChannels = (int)p.GroupOutChannels;
        _taps = (nint)p.Taps;
        int full = plain ? 0 : Channels / Block;
        nint blockBytes = _taps * Block * Width * sizeof(float);
        int most = (int)Math.Clamp(target.Caches.L2 / 8 / blockBytes, 1, Math.Max(full, 1));
        int chunks = (full + most - 1) / most;
        ChunkBlocks = chunks == 0 ? 1 : (full + chunks - 1) / chunks;
        FullChunks = (full + ChunkBlocks - 1) / ChunkBlocks;
        Chunks = FullChunks + (full * Block == Channels ? 0 : 1);
    }

    /// <summary>Elements of a channel block.</summary>
    public int Block { get; }

    /// <summary>Lanes of a vector.</summary>
    public int Lanes { get; }

    /// <summary>Output channels of a whole tile.</summary>
    public int Width => 2 * Lanes;

    public int Group { get; }

    /// <summary>Input channels of a group.</summary>
    public int Channels { get; }

    /// <summary>Output channels of a group.</summary>
    public int OutChannels { get; }

    /// <summary>Tiles of output channels in a group.</summary>
    public int Tiles => (OutChannels + Width - 1) / Width;

    /// <summary>Channel blocks of a chunk, the last whole one excepted.</summary>
    public int ChunkBlocks { get; }

    /// <summary>Chunks of whole blocks.</summary>
    public int FullChunks { get; }

    /// <summary>All chunks.</summary>
    public int Chunks { get; }

    /// <summary>Bytes of the packed weights.</summary>
    public long Bytes => ShapeMath.Product([sizeof(float), Group, PaddedOutChannels, Channels, _taps]);

    /// <summary>Names the layout.</summary>
    public string Key => _plain ? $"conv_plain/v{Lanes}" : $"conv_nchwc/v{Lanes}c{Block}g{Group}k{ChunkBlocks}";

    // Channels in chunks of whole blocks.
    private int WholeBlocks => _plain ? 0 : Channels / Block * Block;

    private nint PaddedOutChannels => (nint)ShapeMath.RoundUp(OutChannels, Lanes);

    /// <summary>The first channel of a chunk within its group.</summary>
    public int FirstChannel(int chunk) => chunk < FullChunks ? chunk * ChunkBlocks * Block : WholeBlocks;

    /// <summary>The channels of a chunk.</summary>
    public int ChannelsOf(int chunk) => chunk < FullChunks ? Math.Min(ChunkBlocks * Block, WholeBlocks - FirstChannel(chunk)) : Channels - WholeBlocks;

    /// <summary>Output channels of a tile.</summary>
    public int Columns(int tile) => Math.Min(Width, OutChannels - tile * Width);

    /// <summary>Elements from one input channel to the next in a tile.</summary>
    public int Step(int tile) => Columns(tile) > Lanes ? Width : Lanes;

    /// <summary>The place of a tile's chunk in elements.</summary>
    public nint Place(int group, int tile, int chunk) =>
        (group * PaddedOutChannels + (nint)tile * Width) * Channels * _taps + FirstChannel(chunk) * _taps * Step(tile);

    /// <summary>Packs tiles [begin, end) of all groups' tiles from w [M, C/G, taps].</summary>
    public void Pack(float* w, float* packed, int begin, int end)
    {
        for (int i = begin; i < end; i++)
            for (int chunk = 0; chunk < Chunks; chunk++)
                PackChunk(w, packed + Place(i / Tiles, i % Tiles, chunk), i / Tiles, i % Tiles, chunk);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackChunk(float* w, float* packed, int group, int tile, int chunk)
    {
        int channels = ChannelsOf(chunk), columns = Columns(tile), step = Step(tile);
        nint depth = Channels * _taps;
        for (int column = 0; column < step; column++)
        {
            float* s = w + ((nint)group * OutChannels + (nint)tile * Width + column) * depth + FirstChannel(chunk) * _taps;
            for (int c = 0; c < channels; c++)
                for (nint tap = 0; tap < _taps; tap++)
                {
                    nint row = _plain ? (tap / _kernelWidth * channels + c) * _kernelWidth + tap % _kernelWidth : tap * channels + c;
                    packed[row * step + column] = column < columns ? *s++ : 0;
                }
        }
    }

    /// <summary>Packs all constants.</summary>
    public PackedConstants Pack(Tensor weights)
    {
        PackedConstants packed = PackedConstants.Allocate(Bytes);
        Pack((float*)weights.Address, (float*)packed.Address, 0, Group * Tiles);
        GC.KeepAlive(weights);
        return packed;
    }

    /// <summary>Packs on the workers, for weights that are not constant.</summary>
    public void Pack(float* w, float* packed, WorkerPool workers)
    {
        var body = new PackBody { Layout = this, Weights = w, Packed = packed };
        workers.For(Group * Tiles, ref body);
    }

    private struct PackBody : IParallelBody
    {
        public NchwcWeights Layout;
        public float* Weights, Packed;

        public readonly void Run(int begin, int end, int worker) => Layout.Pack(Weights, Packed, begin, end);
    }
}
