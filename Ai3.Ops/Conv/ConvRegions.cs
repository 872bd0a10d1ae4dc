using System.Runtime.CompilerServices;

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

/// <summary>A rectangle of outputs that meet the input with the same taps.</summary>
internal readonly record struct PixelRect
{
    public int Z { get; init; }
    public int Y0 { get; init; }
    public int Y1 { get; init; }
    public int X0 { get; init; }
    public int X1 { get; init; }

    /// <summary>Taps [first, end) of each axis that meet the input; an empty range where the rectangle is padding alone.</summary>
    public int Kz0 { get; init; }
    public int Kz1 { get; init; }
    public int Ky0 { get; init; }
    public int Ky1 { get; init; }
    public int Kx0 { get; init; }
    public int Kx1 { get; init; }

    /// <summary>True if no tap meets the input.</summary>
    public bool IsPadding => Kz0 == Kz1 || Ky0 == Ky1 || Kx0 == Kx1;
}

/// <summary>
/// A rectangle cut into lines of at most so many outputs, along the direction that needs fewer of them: the border columns of
/// an image are lines downwards.
/// </summary>
internal readonly struct PixelLines
{
    private readonly PixelRect _rect;
    private readonly RowPanels _panels;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PixelLines(in PixelRect rect, int maxCount)
    {
        _rect = rect;
        int height = rect.Y1 - rect.Y0, width = rect.X1 - rect.X0;
        RowPanels along = new(width, maxCount), down = new(height, maxCount);
        IsVertical = width * down.Count < height * along.Count;
        _panels = IsVertical ? down : along;
        Lines = IsVertical ? width : height;
        PanelsOfLine = (int)_panels.Count;
    }

    /// <summary>True if lines go down columns.</summary>
    public bool IsVertical { get; }

    /// <summary>Rows or columns.</summary>
    public int Lines { get; }

    /// <summary>Parts of each.</summary>
    public int PanelsOfLine { get; }

    /// <summary>The first output of a part and how many there are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Part(int line, int panel, out int y, out int x)
    {
        int along = (int)_panels.Start(panel);
        y = _rect.Y0 + (IsVertical ? along : line);
        x = _rect.X0 + (IsVertical ? line : along);
        return _panels.RowsOf(panel);
    }
}

/// <summary>Computes rectangles of outputs.</summary>
internal interface IPixelRects
{
    void Compute(in PixelRect rect);
}

/// <summary>
/// The outputs of a convolution in rectangles over which the taps that meet the input are the same, so that padding is neither read
/// nor multiplied: each axis falls into runs, and a run of rows and a run of columns make a rectangle.
/// </summary>
internal sealed class ConvRegions(ConvGeometry g)
{
    private readonly TapRun[] _rows = TapRun.Of(g.H);
    private readonly TapRun[] _columns = TapRun.Of(g.W);

    /// <summary>Visits depth <paramref name="z"/>, rows [<paramref name="yBegin"/>, <paramref name="yEnd"/>).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Visit<T>(int z, int yBegin, int yEnd, ref T rects) where T : struct, IPixelRects
    {
        g.D.Range(z, out int kz0, out int kz1);
        foreach (TapRun row in _rows)
        {
            int y0 = Math.Max(row.Begin, yBegin), y1 = Math.Min(row.End, yEnd);
            if (y0 >= y1)
                continue;
            foreach (TapRun column in _columns)
                rects.Compute(new PixelRect
                {
                    Z = z,
                    Y0 = y0,
                    Y1 = y1,
                    X0 = column.Begin,
                    X1 = column.End,
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
