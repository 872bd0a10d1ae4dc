namespace Ai3.Ops;

/// <summary>
/// Where each tap of each output falls in a channel's plane: entry [tap][output], the outputs in row-major order and filled up to whole vectors;
/// -1 in the padding and past the last output. The same for every image and channel. Dukhan 2019, arXiv:1907.02129.
/// </summary>
internal sealed unsafe class ConvOffsets
{
    /// <summary>The most entries of a table.</summary>
    public const long Most = 1 << 28;

    private readonly int[] _offsets;
    private readonly int[] _runs;

    public ConvOffsets(ConvGeometry g, int lanes)
    {
        Vectors = (int)((g.OutPixels + lanes - 1) / lanes);
        Columns = Vectors * lanes;
        _offsets = GC.AllocateUninitializedArray<int>(checked((int)g.Taps * Columns), pinned: true);
        _runs = GC.AllocateUninitializedArray<int>(checked((int)g.Taps * Vectors), pinned: true);
        Array.Fill(_offsets, -1);
        int row = 0;
        for (int kz = 0; kz < g.D.Kernel; kz++)
            for (int ky = 0; ky < g.H.Kernel; ky++)
                for (int kx = 0; kx < g.W.Kernel; kx++, row += Columns)
                    FillTap(g, kz, ky, kx, _offsets.AsSpan(row, Columns));
        for (int i = 0; i < _runs.Length; i++)
            _runs[i] = RunOf(_offsets.AsSpan(i * lanes, lanes));
    }

    /// <summary>Vectors of a tap's outputs.</summary>
    public int Vectors { get; }

    /// <summary>Entries of a tap.</summary>
    public int Columns { get; }

    /// <summary>[tap][output].</summary>
    public int* Offsets => Address(_offsets);

    /// <summary>[tap][vector]: the first offset of a vector whose offsets follow each other, else -1.</summary>
    public int* Runs => Address(_runs);

    private static void FillTap(ConvGeometry g, int kz, int ky, int kx, Span<int> offsets)
    {
        int at = 0;
        for (int oz = 0; oz < g.D.Out; oz++)
            for (int oy = 0; oy < g.H.Out; oy++)
            {
                int z = g.D.Start(oz) + kz * g.D.Dilation, y = g.H.Start(oy) + ky * g.H.Dilation;
                if ((uint)z >= (uint)g.D.In || (uint)y >= (uint)g.H.In)
                {
                    at += g.W.Out;
                    continue;
                }
                for (int ox = 0; ox < g.W.Out; ox++, at++)
                {
                    int x = g.W.Start(ox) + kx * g.W.Dilation;
                    if ((uint)x < (uint)g.W.In)
                        offsets[at] = (z * g.H.In + y) * g.W.In + x;
                }
            }
    }

    private static int RunOf(ReadOnlySpan<int> offsets)
    {
        for (int i = 0; i < offsets.Length; i++)
            if (offsets[i] < 0 || offsets[i] != offsets[0] + i)
                return -1;
        return offsets[0];
    }

    // Pinned arrays do not move.
    private static int* Address(int[] table) =>
        (int*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(table));
}
