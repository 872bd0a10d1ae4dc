namespace Ai3.Ops;

/// <summary>
/// Runs the tile kernel over lines of outputs: one tile of output channels, one chunk of input channels. Taps in the padding are left
/// out, so a tile's taps may fall into several stretches of the packed weights; each is one kernel call, adding to the last.
/// </summary>
internal unsafe struct NchwcTiles : IPixelTiles
{
    public ConvGeometry G;
    public TileKernels Kernels;
    public TapTable Taps;

    /// <summary>The chunk's first channel of the image, and elements from one pixel to the next.</summary>
    public float* X;
    public nint Pixel;

    /// <summary>The chunk's packed weights of the tile of output channels.</summary>
    public float* Weights;
    public int Step;

    public int Columns;

    /// <summary>The tile's first output channel of the image, elements of a channel block, and from one of the tile's vectors to the other.</summary>
    public float* Y;
    public int Block;
    public nint VectorStep;

    /// <summary>Bias of the tile, added by the first chunk; null for none.</summary>
    public float* Bias;

    /// <summary>The place in the residual that is Y's, added by the last chunk; null for none.</summary>
    public float* Residual;

    public bool IsFirstChunk;
    public bool IsLastChunk;

    public readonly void Compute(in PixelTile t)
    {
        if (t.IsPadding)
        {
            if (IsFirstChunk)
                FillPadding(t);
            return;
        }
        TapTable taps = Taps;
        nint at = (((nint)t.Z * G.H.Out + t.Y) * G.W.Out + t.X) * Block;
        TileArgs a = default;
        a.ARow = (t.Vertical ? (nint)G.H.Stride * G.W.In : G.W.Stride) * Pixel;
        a.BStep = Step;
        a.C = Y + at;
        a.CRow = (t.Vertical ? G.W.Out : 1) * (nint)Block;
        a.CBlock = VectorStep;
        a.Low = G.Low;
        a.High = G.High;
        delegate*<TileArgs*, void> kernel = Kernels.Get(t.Count, Columns, &a);

        float* x = X + (((nint)G.D.Start(t.Z) * G.H.In + G.H.Start(t.Y)) * G.W.In + G.W.Start(t.X)) * Pixel;
        bool wholeRows = t.Kx1 - t.Kx0 == taps.KernelWidth;
        bool wholePlanes = wholeRows && t.Ky1 - t.Ky0 == G.H.Kernel;
        // A stretch: some planes, or some rows of a plane, or a part of one row.
        int planes = t.Kz1 - t.Kz0, rowsOfPlane = (t.Ky1 - t.Ky0) * taps.Rows;
        int stretches = wholePlanes ? 1 : wholeRows ? planes : planes * rowsOfPlane;
        for (int s = 0; s < stretches; s++)
        {
            int kz = t.Kz0 + (wholePlanes ? 0 : wholeRows ? s : s / rowsOfPlane);
            int row = (kz * G.H.Kernel + t.Ky0) * taps.Rows + (wholeRows ? 0 : s % rowsOfPlane);
            int rows = wholePlanes ? planes * rowsOfPlane : wholeRows ? rowsOfPlane : 1;
            int width = t.Kx1 - t.Kx0;
            a.Offsets = taps.Offsets + (nint)row * taps.EntriesPerRow;
            a.B = Weights + (row * taps.DepthPerRow + (nint)t.Kx0 * taps.Units * taps.Depth) * Step;
            if (taps.IsRowDeep)
            {
                a.A = x + t.Kx0;
                a.Taps = rows;
                a.KPerTap = width;
            }
            else
            {
                a.A = x;
                a.Offsets += (nint)t.Kx0 * taps.Units;
                a.Taps = (nint)rows * width * taps.Units;
                a.KPerTap = taps.Depth;
            }
            bool first = IsFirstChunk && s == 0, last = IsLastChunk && s == stretches - 1;
            a.Addend0 = first ? Bias : a.C;
            a.Addend0Row = first ? 0 : a.CRow;
            a.Addend0Block = first ? Kernels.Lanes : VectorStep;
            if (last)
            {
                a.Addend1 = Residual == null ? null : Residual + at;
                a.Addend1Row = a.CRow;
                a.Addend1Block = VectorStep;
                a.Clamp = true;
            }
            kernel(&a);
        }
    }

    private readonly void FillPadding(in PixelTile t)
    {
        nint at = (((nint)t.Z * G.H.Out + t.Y) * G.W.Out + t.X) * Block, step = (t.Vertical ? G.W.Out : 1) * (nint)Block;
        for (int i = 0; i < t.Count; i++, at += step)
            for (int column = 0; column < Columns; column++)
            {
                nint place = at + (column < Kernels.Lanes ? column : VectorStep + column - Kernels.Lanes);
                float v = (Bias == null ? 0 : Bias[column]) + (Residual == null ? 0 : Residual[place]);
                Y[place] = SimdScalar.Min(G.High, SimdScalar.Max(G.Low, v));
            }
    }
}
