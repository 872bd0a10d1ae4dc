namespace Ai3.Ops;

/// <summary>A window that slides along one axis: tap t of output o reads input o * Stride - PadBegin + t * Dilation.</summary>
/// <param name="In">Input positions.</param>
/// <param name="Out">Output positions.</param>
/// <param name="Kernel">Taps.</param>
/// <param name="Stride">Input positions between neighbouring windows.</param>
/// <param name="PadBegin">Padding in front.</param>
/// <param name="PadEnd">Padding behind.</param>
/// <param name="Dilation">Input positions between neighbouring taps.</param>
public readonly record struct WindowAxis(long In, long Out, long Kernel, long Stride, long PadBegin, long PadEnd, long Dilation)
{
    /// <summary>An axis of one position.</summary>
    internal static WindowAxis One => new(1, 1, 1, 1, 0, 0, 1);

    /// <summary>The window is the whole axis.</summary>
    internal static WindowAxis Whole(long length) => new(length, 1, length, 1, 0, 0, 1);

    /// <summary>True if there is one window, and it is the whole axis.</summary>
    internal bool IsWhole => Out == 1 && Kernel == In && PadBegin == 0 && PadEnd == 0 && Dilation == 1;

    /// <summary>Input positions from a window's first tap to its last, both counted.</summary>
    internal long Extent => (Kernel - 1) * Dilation + 1;

    /// <summary>Positions from the first window's first tap to the last window's last.</summary>
    internal long Span => (Out - 1) * Stride + Extent;

    /// <summary>Where output <paramref name="o"/>'s first tap is; negative in the padding.</summary>
    internal long Start(long o) => o * Stride - PadBegin;

    /// <summary>The first tap of output <paramref name="o"/> that is not in the padding in front.</summary>
    internal long FirstTap(long o)
    {
        long start = Start(o);
        return start >= 0 ? 0 : Math.Min(Kernel, (-start + Dilation - 1) / Dilation);
    }

    /// <summary>One past the last tap of output <paramref name="o"/> that is not in the padding behind.</summary>
    internal long EndTap(long o) => TapsBelow(o, In);

    /// <summary>Taps of output <paramref name="o"/> on the input or its padding: in ceil mode the last window may go on past both.</summary>
    internal long PaddedTaps(long o) => TapsBelow(o, In + PadEnd);

    /// <summary>True only if every window has a tap on the input (a sufficient condition, without a loop).</summary>
    internal bool IsNeverEmpty => (Out - 1) * Stride - PadBegin < In && (PadBegin == 0 || PadBegin <= Extent - 1 && In >= Dilation);

    private long TapsBelow(long o, long end)
    {
        long start = Start(o);
        return start >= end ? 0 : Math.Min(Kernel, (end - start - 1) / Dilation + 1);
    }
}
