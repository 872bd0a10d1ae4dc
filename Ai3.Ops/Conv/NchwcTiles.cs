using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>
/// Runs the tile kernel over rectangles of outputs: one tile of output channels, one chunk of input channels. Taps in the padding are left
/// out, so a tile's taps may fall into several stretches of the packed weights; each is one kernel call, adding to the last.
/// </summary>
internal unsafe struct NchwcTiles : IPixelRects
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

    /// <summary>What follows the last chunk's sums, if that is no clamp.</summary>
    public ActivationStrip Activation;

    /// <summary>The weights of the next chunk.</summary>
    public ReadAhead Ahead;

    public bool IsFirstChunk;
    public bool IsLastChunk;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Compute(in PixelRect rect)
    {
        if (rect.IsPadding)
        {
            if (IsFirstChunk)
                FillPadding(rect);
            return;
        }
        var lines = new PixelLines(rect, Kernels.MaxRows);
        TileArgs a = default;
        a.ARow = (lines.IsVertical ? (nint)G.H.Stride * G.W.In : G.W.Stride) * Pixel;
        a.BStep = Step;
        a.CRow = (lines.IsVertical ? G.W.Out : 1) * (nint)Block;
        a.CBlock = a.Addend1Block = VectorStep;
        a.Addend1Row = a.CRow;
        a.Low = G.Low;
        a.High = G.High;
        for (int line = 0; line < lines.Lines; line++)
            for (int panel = 0; panel < lines.PanelsOfLine; panel++)
            {
                int count = lines.Part(line, panel, out int y, out int x);
                nint at = (((nint)rect.Z * G.H.Out + y) * G.W.Out + x) * Block;
                a.C = Y + at;
                a.Addend1 = Residual == null ? null : Residual + at;
                Stretches(rect, X + (((nint)G.D.Start(rect.Z) * G.H.In + G.H.Start(y)) * G.W.In + G.W.Start(x)) * Pixel, Kernels.Get(count, Columns, &a), &a);
                if (IsLastChunk)
                    Activation.ApplyTile(a.C, count, a.CRow, Columns, Kernels.Lanes, VectorStep);
            }
    }

    // A stretch of packed weights: all planes of taps, or the rows of one plane, or a part of one row.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Stretches(in PixelRect t, float* x, delegate*<TileArgs*, void> kernel, TileArgs* a)
    {
        TapTable taps = Taps;
        float* residual = a->Addend1;
        int width = t.Kx1 - t.Kx0, planes = t.Kz1 - t.Kz0, rowsOfPlane = (t.Ky1 - t.Ky0) * taps.Rows;
        bool wholeRows = width == taps.KernelWidth, wholePlanes = wholeRows && t.Ky1 - t.Ky0 == G.H.Kernel;
        int rows = wholePlanes ? planes * rowsOfPlane : wholeRows ? rowsOfPlane : 1;
        int stretches = planes * rowsOfPlane / rows;
        for (int s = 0; s < stretches; s++)
        {
            int plane = wholePlanes ? 0 : wholeRows ? s : s / rowsOfPlane;
            int row = ((t.Kz0 + plane) * G.H.Kernel + t.Ky0) * taps.Rows + (wholeRows ? 0 : s % rowsOfPlane);
            a->B = Weights + (row * taps.DepthPerRow + (nint)t.Kx0 * taps.Units * taps.Depth) * Step;
            a->Offsets = taps.Offsets + (nint)row * taps.EntriesPerRow;
            if (taps.IsRowDeep)
            {
                a->A = x + t.Kx0;
                a->Taps = rows;
                a->KPerTap = width;
            }
            else
            {
                a->A = x;
                a->Offsets += (nint)t.Kx0 * taps.Units;
                a->Taps = (nint)rows * width * taps.Units;
                a->KPerTap = taps.Depth;
            }
            bool first = IsFirstChunk && s == 0, last = IsLastChunk && s == stretches - 1;
            a->Addend0 = first ? Bias : a->C;
            a->Addend0Row = first ? 0 : a->CRow;
            a->Addend0Block = first ? Kernels.Lanes : VectorStep;
            a->Addend1 = last ? residual : null;
            a->Clamp = last && HasClamp;
            a->Ahead = Ahead.Take(a->Taps * a->KPerTap);
            kernel(a);
        }
    }

    private readonly void FillPadding(in PixelRect rect)
    {
        for (int y = rect.Y0; y < rect.Y1; y++)
            for (int x = rect.X0; x < rect.X1; x++)
            {
                nint pixel = (((nint)rect.Z * G.H.Out + y) * G.W.Out + x) * Block;
                for (int column = 0; column < Columns; column++)
                {
                    nint place = pixel + (column < Kernels.Lanes ? column : VectorStep + column - Kernels.Lanes);
                    float v = (Bias == null ? 0 : Bias[column]) + (Residual == null ? 0 : Residual[place]);
                    Y[place] = SimdScalar.Min(G.High, SimdScalar.Max(G.Low, v));
                }
                Activation.ApplyTile(Y + pixel, 1, Block, Columns, Kernels.Lanes, VectorStep);
            }
    }

    private readonly bool HasClamp => G.Low > float.NegativeInfinity || G.High < float.PositiveInfinity;
}
