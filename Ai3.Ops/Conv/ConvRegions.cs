namespace Ai3.Ops;

/// <summary>Consecutive outputs of one axis that meet the input with the same taps.</summary>
/// <param name="Begin">The first output.</param>
/// <param name="End">One past the last output.</param>
/// <param name="FirstTap">The first tap on the input.</param>
/// <param name="EndTap">One past the last; equal to <paramref name="FirstTap"/> where all taps are padding.</param>
internal readonly record struct TapRun(int Begin, int End, int FirstTap, int EndTap)
{
    /// <summary>All outputs of an axis in runs.</summary>
    public static TapRun[] Of(in ConvTaps axis)
    {
        var runs = new List<TapRun>();
        for (int begin = 0; begin < axis.Out;)
        {
            axis.Range(begin, out int first, out int last);
            int end = begin + 1;
            axis.Inner(out int innerBegin, out int innerEnd);
            if (begin >= innerBegin && begin < innerEnd)
                end = innerEnd;
            while (end < axis.Out)
            {
                axis.Range(end, out int f, out int l);
                if (f != first || l != last)
                    break;
                end++;
            }
            runs.Add(new TapRun(begin, end, first, last));
            begin = end;
        }
        return [.. runs];
    }
}

/// <summary>Outputs in a line, along a row or down a column, that meet the input with the same taps.</summary>
internal readonly ref struct PixelTile
{
    public int Z { get; init; }
    public int Y { get; init; }
    public int X { get; init; }

    /// <summary>Outputs in the line.</summary>
    public int Count { get; init; }

    /// <summary>True if the line goes down a column.</summary>
    public bool Vertical { get; init; }

    /// <summary>Taps [first, end) of each axis that meet the input; an empty range where the tile is padding alone.</summary>
    public int Kz0 { get; init; }
    public int Kz1 { get; init; }
    public int Ky0 { get; init; }
    public int Ky1 { get; init; }
    public int Kx0 { get; init; }
    public int Kx1 { get; init; }

    /// <summary>True if no tap meets the input.</summary>
    public bool IsPadding => Kz0 == Kz1 || Ky0 == Ky1 || Kx0 == Kx1;
}

/// <summary>Computes tiles of outputs.</summary>
internal interface IPixelTiles
{
    void Compute(in PixelTile tile);
}

/// <summary>
/// The outputs of a convolution in tiles over which the taps that meet the input are the same, so that padding is neither read nor
/// multiplied: the axes fall into runs, a row run and a column run make a rectangle, and a rectangle is cut into lines along the
/// direction that needs fewer tiles (the border columns of an image are lines downwards).
/// </summary>
internal sealed class ConvRegions(ConvGeometry g)
{
    private readonly TapRun[] _rows = TapRun.Of(g.H);
    private readonly TapRun[] _columns = TapRun.Of(g.W);

    /// <summary>Visits depth <paramref name="z"/>, rows [<paramref name="yBegin"/>, <paramref name="yEnd"/>).</summary>
    public void Visit<T>(int z, int yBegin, int yEnd, int maxCount, ref T tiles) where T : struct, IPixelTiles
    {
        g.D.Range(z, out int kz0, out int kz1);
        foreach (TapRun row in _rows)
        {
            int y0 = Math.Max(row.Begin, yBegin), y1 = Math.Min(row.End, yEnd);
            if (y0 >= y1)
                continue;
            foreach (TapRun column in _columns)
            {
                int height = y1 - y0, width = column.End - column.Begin;
                RowPanels along = new(width, maxCount), down = new(height, maxCount);
                bool vertical = width * down.Count < height * along.Count;
                RowPanels panels = vertical ? down : along;
                for (int line = 0; line < (vertical ? width : height); line++)
                    for (long panel = 0; panel < panels.Count; panel++)
                        tiles.Compute(new PixelTile
                        {
                            Z = z,
                            Y = y0 + (vertical ? (int)panels.Start(panel) : line),
                            X = column.Begin + (vertical ? line : (int)panels.Start(panel)),
                            Count = panels.RowsOf(panel),
                            Vertical = vertical,
                            Kz0 = kz0,
                            Kz1 = kz1,
                            Ky0 = row.FirstTap,
                            Ky1 = row.EndTap,
                            Kx0 = column.FirstTap,
                            Kx1 = column.EndTap,
                        });
            }
        }
    }
}
