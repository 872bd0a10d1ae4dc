using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// How <see cref="ConvMec"/> lays out the lowered image and cuts the products. Lowered image: [panel of output columns][input row, padding
/// counted][kx][channel][columns of the panel], so that the window of an output row is consecutive and those of neighbouring rows overlap.
/// </summary>
internal sealed class MecPlan
{
    private readonly long _rowPanelsInCache;

    public MecPlan(ConvProblem p, Target target)
    {
        G = new ConvGeometry(p);
        Tiles = TileKernels.For(target.Isa);
        Height = (nint)p.H.Padded;
        InRows = (nint)p.D.Padded * Height;
        RowDepth = (nint)(p.W.Kernel * p.GroupInChannels);
        WeightRow = (nint)TapWeights.Row(p, tapsFirst: false);
        LoweredCount = (nint)LoweredCountOf(p, Tiles.Lanes);
        StretchesOfPlane = G.H.Dilation == 1 ? 1 : G.H.Kernel;
        StretchDepth = RowDepth * (G.H.Kernel / StretchesOfPlane);
        Panels = (G.W.Out + Tiles.Width - 1) / Tiles.Width;
        Rows = new RowPanels(G.GroupOutChannels, Tiles.MaxRows);
        _rowPanelsInCache = Math.Clamp(target.Caches.L2 / 2 / (sizeof(float) * p.Depth * Tiles.MaxRows), 1, Rows.Count);
    }

    public ConvGeometry G { get; }

    public TileKernels Tiles { get; }

    /// <summary>Input rows of a depth slice, and of all, padding counted.</summary>
    public nint Height { get; }

    public nint InRows { get; }

    /// <summary>Terms that an input row gives an output: taps of the width times channels.</summary>
    public nint RowDepth { get; }

    /// <summary>Elements from one output channel's weights to the next.</summary>
    public nint WeightRow { get; }

    /// <summary>Elements of the lowered image.</summary>
    public nint LoweredCount { get; }

    /// <summary>Kernel calls of a depth tap (rows of taps that dilation sets apart are taken one by one), and terms of each.</summary>
    public int StretchesOfPlane { get; }

    public nint StretchDepth { get; }

    /// <summary>Panels of output columns.</summary>
    public int Panels { get; }

    /// <summary>Output channels in row panels.</summary>
    public RowPanels Rows { get; }

    /// <summary>Blocks of row panels whose weights stay in the level 2 cache.</summary>
    public long Blocks => ShapeMath.CeilDiv(Rows.Count, _rowPanelsInCache);

    /// <summary>As <see cref="LoweredCount"/>, for any number of lanes.</summary>
    public static long LoweredCountOf(ConvProblem p, int lanes) =>
        ShapeMath.Product([ShapeMath.RoundUp(p.W.Out, lanes), p.D.Padded, p.H.Padded, p.W.Kernel, p.GroupInChannels]);

    public long FirstRowPanel(long block) => Rows.Count * block / Blocks;

    /// <summary>Output columns of a panel.</summary>
    public int Columns(int panel) => Math.Min(Tiles.Width, G.W.Out - panel * Tiles.Width);

    /// <summary>Columns of a panel in whole vectors: the elements from one term to the next.</summary>
    public int Step(int panel) => Columns(panel) > Tiles.Lanes ? Tiles.Width : Tiles.Lanes;

    /// <summary>Where an input row is in the lowered image.</summary>
    public nint Place(int panel, nint inRow) => ((nint)panel * Tiles.Width * InRows + inRow * Step(panel)) * RowDepth;
}
