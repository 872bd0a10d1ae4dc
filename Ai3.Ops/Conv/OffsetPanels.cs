using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>As <see cref="ImagePanels{S, V}"/>, with the places of the elements read from a table instead of computed.</summary>
/// <remarks>x: the group's first channel. A panel begins at a whole vector of columns.</remarks>
internal readonly unsafe struct OffsetPanels<S, V>(ConvGeometry g, ConvOffsets table, float* x) : IPanelSource where S : struct, ISimd<V> where V : unmanaged
{
    private readonly nint _taps = g.Taps;
    private readonly nint _plane = g.InPixels;
    private readonly ConvOffsets _table = table;
    private readonly float* _x = x;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Pack(long k0, long depth, long column, int columns, int width, float* panel)
    {
        nint first = (nint)column / S.Lanes, vectors = Math.Min(width / S.Lanes, _table.Vectors - first);
        nint channel = (nint)k0 / _taps, tap = (nint)k0 % _taps;
        int* offsets = _table.Offsets, runs = _table.Runs;
        for (long k = 0; k < depth; k++, panel += width)
        {
            float* plane = _x + channel * _plane;
            for (nint v = 0; v < vectors; v++)
            {
                int run = runs[tap * _table.Vectors + first + v];
                if (run >= 0)
                    S.Store(S.Load(plane + run), panel + v * S.Lanes);
                else
                    Gather(plane, offsets + tap * _table.Columns + (first + v) * S.Lanes, panel + v * S.Lanes);
            }
            for (nint v = vectors; v < width / S.Lanes; v++)
                S.Store(S.Zero, panel + v * S.Lanes);
            if (++tap == _taps)
                (tap, channel) = (0, channel + 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Gather(float* plane, int* offsets, float* target)
    {
        for (int i = 0; i < S.Lanes; i++)
            target[i] = offsets[i] < 0 ? 0 : plane[offsets[i]];
    }
}
