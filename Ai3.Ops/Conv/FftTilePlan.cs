using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The sizes of a convolution by Fourier transforms of tiles: how large a tile is, how the tiles of all images, in one row, are shared out,
/// and where everything lies.
/// </summary>
/// <remarks>A tile of T inputs has the outputs whose taps it holds: floor((T - extent) / stride) + 1 along each axis.</remarks>
internal sealed class FftTilePlan
{
    /// <summary>Channel blocks that one call of the tile kernel takes, real and imaginary ones counted.</summary>
    public const int BlocksAtOnce = 128;

    // Operations that take as long as one element of a tile on its way from memory to a spectrum.
    private const double TransformWork = 60;

    // Operations in the time of a byte of spectra of weights from memory.
    private const double ByteWork = 4;

    public FftTilePlan(ConvProblem p, Target target)
    {
        Block = target.ChannelBlock;
        Lanes = target.Lanes;
        Group = (int)p.Group;
        Channels = (int)ShapeMath.RoundUp(p.GroupInChannels, Block);
        OutChannels = (int)ShapeMath.RoundUp(p.GroupOutChannels, Block);
        int maxRows = TileKernels.For(target.Isa).MaxRows;
        Work = double.PositiveInfinity;
        for (int high = LeastSize(p.H.Extent); high <= MostSize(p.H); high *= 2)
            for (int wide = Math.Max(2, LeastSize(p.W.Extent)); wide <= MostSize(p.W); wide *= 2)
                if (WorkOf(p, high, wide) is var work && work < Work)
                    (Work, High, Wide) = (work, high, wide);
        Rows = (int)ShapeMath.CeilDiv(p.H.Out, OutRows = OutputsOf(p.H, High));
        Columns = (int)ShapeMath.CeilDiv(p.W.Out, OutColumns = OutputsOf(p.W, Wide));
        Tiles = (int)p.N * Rows * Columns;
        // Spectra should stay in the level 2 cache; but where those of the weights are larger, a part must be large enough to be worth reading them.
        double inputs = 3.0 * Group * Channels, outputs = 2.0 * Group * OutChannels;
        double fit = 0.75 * target.Caches.L2 / (sizeof(float) * Points * (inputs + outputs));
        double worth = 6.0 * Group * Channels * OutChannels / (inputs + outputs);
        int most = (int)Math.Clamp(Math.Max(Math.Max(fit, worth), maxRows), 1, Math.Max(Tiles, 1));
        Parts = (Tiles + most - 1) / most;
        TilesOfPart = Parts == 0 ? 0 : (Tiles + Parts - 1) / Parts;
    }

    public int Block { get; }

    public int Lanes { get; }

    public int Group { get; }

    /// <summary>Input channels of a group, rounded up to whole blocks.</summary>
    public int Channels { get; }

    /// <summary>Output channels of a group, rounded up to whole blocks.</summary>
    public int OutChannels { get; }

    /// <summary>Rows of a tile of inputs: a power of two.</summary>
    public int High { get; }

    /// <summary>Columns of a tile of inputs: a power of two, 2 or more.</summary>
    public int Wide { get; }

    /// <summary>Operations of all tiles, transforms converted.</summary>
    public double Work { get; }

    /// <summary>Rows of a tile's outputs.</summary>
    public int OutRows { get; }

    /// <summary>Columns of a tile's outputs.</summary>
    public int OutColumns { get; }

    /// <summary>Rows of tiles in an image.</summary>
    public int Rows { get; }

    /// <summary>Columns of tiles in an image.</summary>
    public int Columns { get; }

    /// <summary>Tiles of all images.</summary>
    public int Tiles { get; }

    /// <summary>Parts that the tiles are cut into.</summary>
    public int Parts { get; }

    /// <summary>Tiles of the largest part.</summary>
    public int TilesOfPart { get; }

    /// <summary>Frequencies of a real tile: one of each pair of conjugates.</summary>
    public int Points => PointsOf(High, Wide);

    /// <summary>Blocks of a group's input channels.</summary>
    public int InBlocks => Channels / Block;

    /// <summary>Blocks of a group's output channels.</summary>
    public int OutBlocks => OutChannels / Block;

    /// <summary>Columns of a whole tile of output channels.</summary>
    public int Width => 2 * Lanes;

    /// <summary>Tiles of a group's output channels.</summary>
    public int ChannelTiles => (OutChannels + Width - 1) / Width;

    /// <summary>Floats from the spectra at one frequency of a group to the next: three planes of [block][tile][channel], and a cache line.</summary>
    public nint InputStep => 3 * InputPlane + NativeBuffer.Alignment / sizeof(float);

    /// <summary>Floats of one plane of a group's inputs.</summary>
    public nint InputPlane => (nint)Channels * TilesOfPart;

    /// <summary>Floats from the products at one frequency of a group to the next: two planes of [block][tile][channel], and a cache line.</summary>
    public nint ProductStep => 2 * ProductPlane + NativeBuffer.Alignment / sizeof(float);

    /// <summary>Floats of one plane of a group's products.</summary>
    public nint ProductPlane => (nint)OutChannels * TilesOfPart;

    /// <summary>Floats of a part's spectra of inputs, [frequency][group][<see cref="InputStep"/>].</summary>
    public long InputCount => ShapeMath.Product([Points, Group, InputStep]);

    /// <summary>Floats of a part's products, [frequency][group][<see cref="ProductStep"/>].</summary>
    public long ProductCount => ShapeMath.Product([Points, Group, ProductStep]);

    /// <summary>Floats from a row of a complex tile to the next: one element more, so that a column does not fall on few cache sets.</summary>
    public int TileRow => (Wide + 1) * 2 * Lanes;

    /// <summary>Floats of a worker's complex tile and of what a transform needs.</summary>
    public long ScratchCount => ShapeMath.RoundUp((long)High * TileRow + VectorFft.WorkCount(Lanes), 16);

    /// <summary>Floats of the spectra of weights: [frequency][group][tile of output channels][real, imaginary][input channel][column].</summary>
    public long KernelCount => ShapeMath.Product([Points, Group, 2, Channels, OutChannels]);

    /// <summary>Columns of a tile of output channels.</summary>
    public int ColumnsOf(int tile) => Math.Min(Width, OutChannels - tile * Width);

    /// <summary>The first tile of a part; of <see cref="Parts"/>, the number of tiles.</summary>
    public int FirstTile(int part) => (int)((long)Tiles * part / Parts);

    /// <summary>
    /// For each frequency kept, its element of a tile and that of its conjugate, row-major: the same for the real ones. Frequencies up to half
    /// the rows are enough.
    /// </summary>
    public (int Point, int Mirror)[] Frequencies()
    {
        var pairs = new List<(int, int)>(Points);
        for (int point = 0; point < High * Wide; point++)
        {
            int mirror = (High - point / Wide) % High * Wide + (Wide - point % Wide) % Wide;
            if (point <= mirror)
                pairs.Add((point, mirror));
        }
        return [.. pairs];
    }

    // Those that are their own conjugates: 0 and half the size along each axis.
    private static int PointsOf(int high, int wide) => (high * wide + 2 * Math.Min(high, 2)) / 2;

    private static int OutputsOf(ConvAxis axis, int size) => (int)((size - axis.Extent) / axis.Stride) + 1;

    private static int LeastSize(long extent) => (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)extent);

    // An axis of one tap has nothing to share.
    private static int MostSize(ConvAxis axis) => axis.Extent == 1 && axis.Out == 1 ? 2 : VectorFft.MaxSize;

    private double WorkOf(ConvProblem p, int high, int wide)
    {
        double tiles = p.N * ShapeMath.CeilDiv(p.H.Out, OutputsOf(p.H, high)) * ShapeMath.CeilDiv(p.W.Out, OutputsOf(p.W, wide));
        double pairs = (double)Group * Channels * OutChannels * PointsOf(high, wide);
        return tiles * (8 * pairs + TransformWork * high * wide * Group * ((double)Channels + OutChannels)) + 2 * sizeof(float) * ByteWork * pairs;
    }
}
