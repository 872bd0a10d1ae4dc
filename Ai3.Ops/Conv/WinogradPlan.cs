using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The sizes of a Winograd convolution over channel blocks and how its tiles, those of all images in one row, are shared out.</summary>
internal sealed class WinogradPlan
{
    // Channel blocks that one call of the tile kernel takes.
    public const int BlocksAtOnce = 128;

    public WinogradPlan(ConvProblem p, Target target, WinogradMatrices matrices)
    {
        Block = target.ChannelBlock;
        Lanes = target.Lanes;
        Inputs = matrices.Inputs;
        Outputs = matrices.Outputs;
        Channels = (int)ShapeMath.RoundUp(p.InChannels, Block);
        OutChannels = (int)ShapeMath.RoundUp(p.OutChannels, Block);
        Rows = (int)ShapeMath.CeilDiv(p.H.Out, Outputs);
        Columns = (int)ShapeMath.CeilDiv(p.W.Out, Outputs);
        Tiles = (int)p.N * Rows * Columns;
        int rows = TileKernels.For(target.Isa).MaxRows;
        // Transformed tiles should stay in the level 2 cache; but where the kernels are larger than that, a part must be
        // large enough to be worth reading them: below C M / 2(C + M) tiles they are more traffic than the tiles.
        double fit = 0.75 * target.Caches.L2 / (sizeof(float) * Points * ((double)Channels + OutChannels));
        double worth = 0.5 * Channels * OutChannels / ((double)Channels + OutChannels);
        int most = (int)Math.Clamp(Math.Max(Math.Max(fit, worth), rows), 1, Math.Max(Tiles, 1));
        Parts = (Tiles + most - 1) / most;
        TilesOfPart = Parts == 0 ? 0 : (Tiles + Parts - 1) / Parts;
        // With few parts, threads share the phases of a part instead.
        IsPhased = target.Threads > 1 && Parts < 2 * target.Threads;
        Buffers = IsPhased ? 1 : target.Threads;
    }

    public int Block { get; }

    public int Lanes { get; }

    /// <summary>Inputs along a tile's side.</summary>
    public int Inputs { get; }

    /// <summary>Outputs along a tile's side.</summary>
    public int Outputs { get; }

    /// <summary>Elements of a transformed tile.</summary>
    public int Points => Inputs * Inputs;

    /// <summary>Input channels, rounded up to whole blocks.</summary>
    public int Channels { get; }

    /// <summary>Output channels, rounded up to whole blocks.</summary>
    public int OutChannels { get; }

    /// <summary>Tiles of all images.</summary>
    public int Tiles { get; }

    /// <summary>Rows of tiles in an image.</summary>
    public int Rows { get; }

    /// <summary>Columns of tiles in an image.</summary>
    public int Columns { get; }

    /// <summary>Parts that the tiles are cut into.</summary>
    public int Parts { get; }

    /// <summary>Tiles of the largest part.</summary>
    public int TilesOfPart { get; }

    /// <summary>True if threads share the three phases of a part; otherwise each takes parts of its own.</summary>
    public bool IsPhased { get; }

    /// <summary>Pairs of buffers in the workspace.</summary>
    public int Buffers { get; }

    /// <summary>Elements of a part's transformed inputs.</summary>
    public nint InputCount => Points * PointStep(TilesOfPart, Channels);

    /// <summary>Elements of a part's products.</summary>
    public nint ProductCount => Points * PointStep(TilesOfPart, OutChannels);

    /// <summary>Bytes of all buffers.</summary>
    public long BufferBytes => ShapeMath.Product([sizeof(float), Buffers, InputCount + ProductCount]);

    /// <summary>Elements of the transformed kernels: [point][tile of output channels][input channel][columns of the tile].</summary>
    public long KernelCount => ShapeMath.Product([Points, Channels, OutChannels]);

    /// <summary>Columns of a whole tile of output channels.</summary>
    public int Width => 2 * Lanes;

    /// <summary>Tiles of output channels.</summary>
    public int ChannelTiles => (OutChannels + Width - 1) / Width;

    /// <summary>Columns of a tile of output channels.</summary>
    public int ColumnsOf(int tile) => Math.Min(Width, OutChannels - tile * Width);

    /// <summary>The first tile of a part; of <see cref="Parts"/>, the number of tiles.</summary>
    public int FirstTile(int part) => (int)((long)Tiles * part / Parts);

    /// <summary>
    /// Elements from one point to the next in a buffer of a part: one cache line more than its content, or a transform's
    /// stores could all fall on the same set of the level 1 cache.
    /// </summary>
    public static nint PointStep(int tiles, int channels) => (nint)tiles * channels + NativeBuffer.Alignment / sizeof(float);
}
