namespace Ai3.Ops;

/// <summary>
/// Where a chunk's taps are in the input, relative to an output's tap (0, 0, 0) and the chunk's first channel, in the order of its packed weights:
/// [kz][ky][row][kx][unit], each entry being <see cref="Depth"/> consecutive input elements that meet as many packed rows of weights.
/// </summary>
/// <remarks>
/// Blocked input: one row, a unit for each channel block of the chunk, the block's channels deep. Plain input: a row for each channel,
/// one unit, one element deep; where the taps of a kernel row are consecutive elements (<see cref="IsRowDeep"/>), the table has an entry
/// for each row only, and an entry is as deep as the kernel row.
/// </remarks>
internal sealed unsafe class TapTable
{
    private readonly nint[] _offsets;

    private TapTable(ConvGeometry g, nint pixel, int rows, nint rowStep, int units, nint unitStep, int depth, bool rowDeep)
    {
        Rows = rows;
        Units = units;
        Depth = depth;
        IsRowDeep = rowDeep;
        KernelWidth = g.W.Kernel;
        _offsets = GC.AllocateUninitializedArray<nint>(checked(g.D.Kernel * g.H.Kernel * rows * EntriesPerRow), pinned: true);
        int at = 0;
        for (int kz = 0; kz < g.D.Kernel; kz++)
            for (int ky = 0; ky < g.H.Kernel; ky++)
                for (int row = 0; row < rows; row++)
                    for (int kx = 0; kx < (rowDeep ? 1 : KernelWidth); kx++)
                        for (int unit = 0; unit < units; unit++)
                            _offsets[at++] = (((nint)kz * g.D.Dilation * g.H.In + (nint)ky * g.H.Dilation) * g.W.In + (nint)kx * g.W.Dilation) * pixel
                                + row * rowStep + unit * unitStep;
    }

    public int Rows { get; }

    public int Units { get; }

    public int Depth { get; }

    public bool IsRowDeep { get; }

    public int KernelWidth { get; }

    /// <summary>Entries of one (kz, ky, row).</summary>
    public int EntriesPerRow => IsRowDeep ? 1 : KernelWidth * Units;

    /// <summary>Packed rows of weights of one (kz, ky, row).</summary>
    public nint DepthPerRow => (nint)KernelWidth * Units * Depth;

    public nint* Offsets => (nint*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(_offsets));

    /// <summary>For <paramref name="blocks"/> channel blocks of a blocked input, of which <paramref name="depth"/> channels each are used.</summary>
    public static TapTable Blocked(ConvGeometry g, int block, int blocks, int depth) => new(g, block, 1, 0, blocks, g.InPixels * block, depth, rowDeep: false);

    /// <summary>For all channels of a plain input.</summary>
    public static TapTable Plain(ConvGeometry g) => new(g, 1, g.Channels, g.InPixels, 1, 0, 1, rowDeep: g.W.Dilation == 1);
}
