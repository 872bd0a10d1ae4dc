using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>
/// One group of one image as the matrix B [K, P] of a convolution by matrix product: row k is a channel and a tap, column p an output; zeros
/// where a tap is in the padding. Makes panels of it without the matrix ever being there.
/// </summary>
/// <remarks>x: the group's first channel, plain [C, iD, iH, iW]. A panel's columns fall into segments of output rows.</remarks>
internal readonly unsafe struct ImagePanels<S, V>(ConvGeometry g, float* x) : IPanelSource where S : struct, ISimd<V> where V : unmanaged
{
    private const int MaxWidth = 32;

    private readonly ConvGeometry _g = g;
    private readonly float* _x = x;

    // Columns [At, At + Count) of the panel: outputs of one row from X on, whose tap (0, 0, 0) is at input (Z, Y).
    private struct Segment
    {
        public int At, Count, X, Z, Y;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Pack(long k0, long depth, long column, int columns, int width, float* panel)
    {
        Segment* segments = stackalloc Segment[MaxWidth];
        int count = Segments(column, columns, segments);
        var tap = new Tap(_g, k0);
        for (long k = 0; k < depth; k++, panel += width)
        {
            for (int s = 0; s < count; s++)
                Row(segments[s], tap, panel + segments[s].At);
            for (int i = columns; i < width; i++)
                panel[i] = 0;
            tap.Next(_g);
        }
    }

    private int Segments(long column, int columns, Segment* segments)
    {
        int count = 0;
        for (int at = 0; at < columns; count++)
        {
            (long row, long x) = Math.DivRem(column + at, _g.W.Out);
            int length = (int)Math.Min(columns - at, _g.W.Out - x);
            segments[count] = new Segment { At = at, Count = length, X = (int)x, Z = _g.D.Start((int)(row / _g.H.Out)), Y = _g.H.Start((int)(row % _g.H.Out)) };
            at += length;
        }
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Row(in Segment s, in Tap tap, float* target)
    {
        int z = s.Z + tap.Z * _g.D.Dilation, y = s.Y + tap.Y * _g.H.Dilation;
        if ((uint)z >= (uint)_g.D.In || (uint)y >= (uint)_g.H.In)
        {
            for (int i = 0; i < s.Count; i++)
                target[i] = 0;
            return;
        }
        float* row = _x + tap.C * _g.InPixels + ((nint)z * _g.H.In + y) * _g.W.In;
        RowCopy.Padded<S, V>(row, _g.W.In, _g.W.Start(s.X) + tap.X * _g.W.Dilation, _g.W.Stride, s.Count, target);
    }

    // Row k of the matrix: channel and tap.
    private struct Tap
    {
        public nint C;
        public int Z, Y, X;

        public Tap(ConvGeometry g, long k)
        {
            X = (int)(k % g.W.Kernel);
            k /= g.W.Kernel;
            Y = (int)(k % g.H.Kernel);
            k /= g.H.Kernel;
            Z = (int)(k % g.D.Kernel);
            C = (nint)(k / g.D.Kernel);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Next(ConvGeometry g)
        {
            if (++X < g.W.Kernel)
                return;
            X = 0;
            if (++Y < g.H.Kernel)
                return;
            Y = 0;
            if (++Z < g.D.Kernel)
                return;
            Z = 0;
            C++;
        }
    }
}

/// <summary>A matrix that is there, row-major.</summary>
internal readonly unsafe struct MatrixPanels<S, V>(float* b, nint row) : IPanelSource where S : struct, ISimd<V> where V : unmanaged
{
    private readonly float* _b = b;
    private readonly nint _row = row;

    public void Pack(long k0, long depth, long column, int columns, int width, float* panel) =>
        PanelPacking.Pack<S, V>(_b, _row, k0, depth, column, columns, 1, panel);
}
