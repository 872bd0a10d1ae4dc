using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Makes panels of B when a product asks for them: an image seen as a matrix, for instance.</summary>
internal unsafe interface IPanelSource
{
    /// <summary>Writes [depth][width] floats: rows [k0, k0 + depth) and columns [column, column + columns) of B, zeros up to width.</summary>
    void Pack(long k0, long depth, long column, int columns, int width, float* panel);
}

/// <summary>
/// How a product C [M, N] = A [M, K] * B [K, N] is cut into blocks and tasks, and the loops over them. Immutable.
/// </summary>
/// <remarks>
/// Loops, outermost first: tasks (a block of rows x a group of panels), blocks of K, panels of B, row panels of A; innermost the tile.
/// A block of A stays in L2, a panel's K block in L1 and L2. Row panels are balanced. A task owns its part of C whole, and the sum
/// over K is cut at the same places for every task, so results do not depend on threads.
/// Goto and van de Geijn 2008; Van Zee and van de Geijn 2015 (BLIS).
/// </remarks>
internal sealed unsafe class GemmPlan
{
    private const int ColumnsPerGroup = 1024;
    private const int TasksPerThread = 4;

    private readonly bool _transposedA;
    private readonly bool _packA;
    private readonly nint _packedRow;
    private readonly RowPanels _rows;
    private readonly long _rowPanelsInCache;
    private readonly long _rowBlocks;
    private readonly long _groups;
    private readonly long _sourceRowBlocks;
    private readonly long _sourceGroups;

    /// <summary>Decides the blocking.</summary>
    /// <param name="m">Rows of C, 1 or more.</param>
    /// <param name="n">Columns of C, 1 or more.</param>
    /// <param name="k">Terms of a sum, 1 or more.</param>
    /// <param name="aRow">Elements from one row of A (as stored) to the next.</param>
    /// <param name="transposedA">Whether A is stored as [K, M].</param>
    /// <param name="target">The machine.</param>
    /// <param name="batches">How many such products share the threads.</param>
    public GemmPlan(long m, long n, long k, long aRow, bool transposedA, Target target, long batches = 1)
    {
        (M, N, K) = (m, n, k);
        Tiles = TileKernels.For(target.Isa);
        Panels = ShapeMath.CeilDiv(n, Tiles.Width);
        KBlock = DepthOfBlock(k, Tiles.Width, target.Caches);
        _transposedA = transposedA;
        _packA = transposedA || PacksRows(aRow, Tiles.MaxRows, n);
        _packedRow = (nint)PaddedRow(KBlock);
        _rows = new RowPanels(m, Tiles.MaxRows);

        _rowPanelsInCache = Math.Max(1, target.Caches.L2 * 5 / 8 / (4 * KBlock * Tiles.MaxRows));
        (_rowBlocks, _groups) = Split(_rows.Count, ShapeMath.CeilDiv(_rows.Count, _rowPanelsInCache), ShapeMath.CeilDiv(n, ColumnsPerGroup));
        long panelsOfGroup = Math.Clamp(target.Caches.L2 / 2 / (4 * KBlock * Tiles.Width), 1, ShapeMath.CeilDiv(ColumnsPerGroup, Tiles.Width));
        (_sourceRowBlocks, _sourceGroups) = Split(1, 1, ShapeMath.CeilDiv(Panels, panelsOfGroup));

        (long, long) Split(long mostRowBlocks, long rowBlocks, long groups)
        {
            long wanted = target.Threads == 1 ? 1 : ShapeMath.CeilDiv(TasksPerThread * target.Threads, batches);
            groups = Math.Min(Panels, Math.Max(groups, ShapeMath.CeilDiv(wanted, rowBlocks)));
            return (Math.Min(mostRowBlocks, Math.Max(rowBlocks, ShapeMath.CeilDiv(wanted, groups))), groups);
        }
    }

    public long M { get; }

    public long N { get; }

    public long K { get; }

    /// <summary>The tile micro-kernels.</summary>
    public TileKernels Tiles { get; }

    /// <summary>Panels of B.</summary>
    public long Panels { get; }

    /// <summary>Terms that are summed in registers before C is written.</summary>
    public long KBlock { get; }

    /// <summary>Elements of packed B.</summary>
    public long PackedCount => PackedCountOf(K, N, Tiles.Width);

    /// <summary>Floats of scratch memory that a worker of <see cref="Run"/> needs.</summary>
    public long ScratchCount => _packA ? ShapeMath.RoundUp(ShapeMath.CeilDiv(_rows.Count, _rowBlocks) * Tiles.MaxRows * _packedRow, 16) : 0;

    /// <summary>Tasks of <see cref="Run"/>, independent of each other.</summary>
    public long Tasks => _rowBlocks * _groups;

    /// <summary>Floats of scratch memory that a worker of <see cref="RunFrom"/> needs.</summary>
    public long SourceScratchCount => ShapeMath.CeilDiv(Panels, _sourceGroups) * KBlock * Tiles.Width;

    /// <summary>
    /// Whether panels of a B that is no constant are best made on the way: the rows of A that share a panel stay in L2, and A can be
    /// read in place. Otherwise B is packed whole first.
    /// </summary>
    public bool PrefersSource => !_packA && _rows.Count <= 2 * _rowPanelsInCache;

    /// <summary>Tasks of <see cref="RunFrom"/>, independent of each other.</summary>
    public long SourceTasks => _sourceRowBlocks * _sourceGroups;

    /// <summary>The longest chain of roundings in an element: a block's sum, the blocks, bias, residual and scaling.</summary>
    public double RoundingChain => RoundingChainOf(K, KBlock);

    /// <summary>Elements of packed B [k, n].</summary>
    public static long PackedCountOf(long k, long n, int width) => ShapeMath.Multiply(ShapeMath.RoundUp(n, width), k);

    /// <summary>A row stride of at least k elements that keeps a row panel's rows in different sets of a cache.</summary>
    public static long PaddedRow(long k) => ShapeMath.RoundUp(k, 16) % 256 == 0 ? ShapeMath.RoundUp(k, 16) + 16 : ShapeMath.RoundUp(k, 16);

    /// <summary>Terms of a block of K: the panel's block takes an eighth of L2, and blocks are balanced.</summary>
    public static long DepthOfBlock(long k, int width, CacheSizes caches)
    {
        long most = Math.Clamp(caches.L2 / 8 / (4 * width), 128, 1024);
        return ShapeMath.CeilDiv(k, ShapeMath.CeilDiv(k, most));
    }

    /// <summary>See <see cref="RoundingChain"/>.</summary>
    public static double RoundingChainOf(long k, long kBlock) => Math.Min(k, kBlock) + ShapeMath.CeilDiv(k, kBlock) + 6;

    /// <summary>Does one task with packed B.</summary>
    /// <param name="task">In [0, <see cref="Tasks"/>).</param>
    /// <param name="operands">The operands.</param>
    /// <param name="scratch">The worker's scratch memory, 64-byte aligned.</param>
    public void Run(long task, in GemmOperands operands, float* scratch)
    {
        // Row blocks that share a group of panels follow each other.
        (long group, long rowBlock) = Math.DivRem(task, _rowBlocks);
        var block = new Block(_rows, rowBlock, _rowBlocks, Panels, group, _groups);
        for (long k0 = 0; k0 < K; k0 += KBlock)
        {
            long depth = Math.Min(KBlock, K - k0);
            float* panels = operands.B + (nint)((block.FirstPanel * K + k0) * Tiles.Width);
            Compute(operands, block, k0, depth, panels, (nint)K * Tiles.Width, scratch);
        }
    }

    /// <summary>Does one task with panels made on the way; A must not be transposed and is read in place.</summary>
    /// <param name="task">In [0, <see cref="SourceTasks"/>).</param>
    /// <param name="operands">The operands without B.</param>
    /// <param name="source">Makes the panels.</param>
    /// <param name="scratch">The worker's scratch memory, 64-byte aligned.</param>
    public void RunFrom<TSource>(long task, in GemmOperands operands, ref TSource source, float* scratch) where TSource : struct, IPanelSource
    {
        (long rowBlock, long group) = Math.DivRem(task, _sourceGroups);
        var block = new Block(_rows, rowBlock, _sourceRowBlocks, Panels, group, _sourceGroups);
        for (long k0 = 0; k0 < K; k0 += KBlock)
        {
            long depth = Math.Min(KBlock, K - k0);
            nint panelCount = (nint)depth * Tiles.Width;
            float* panel = scratch;
            for (long p = block.FirstPanel; p < block.EndPanel; p++, panel += panelCount)
                source.Pack(k0, depth, p * Tiles.Width, ColumnsOf(p), Tiles.Width, panel);
            ComputeFromScratch(operands, block, k0, depth, scratch);
        }
    }

    /// <summary>As <see cref="RunFrom"/>, with the panels of a row-major matrix, element (k, n) being scale * B[k*bRow + n].</summary>
    public void RunMatrix<S, V>(long task, in GemmOperands operands, nint bRow, float scale, float* scratch) where S : struct, ISimd<V> where V : unmanaged
    {
        (long rowBlock, long group) = Math.DivRem(task, _sourceGroups);
        var block = new Block(_rows, rowBlock, _sourceRowBlocks, Panels, group, _sourceGroups);
        long column = block.FirstPanel * Tiles.Width, columns = Math.Min(N, block.EndPanel * Tiles.Width) - column;
        for (long k0 = 0; k0 < K; k0 += KBlock)
        {
            long depth = Math.Min(KBlock, K - k0);
            PanelPacking.PackGroup<S, V>(operands.B, bRow, k0, depth, column, columns, scale, scratch, (nint)depth * Tiles.Width);
            ComputeFromScratch(operands, block, k0, depth, scratch);
        }
    }

    private void ComputeFromScratch(in GemmOperands operands, in Block block, long k0, long depth, float* panels)
    {
        for (long r = block.FirstRowPanel; r < block.EndRowPanel; r += _rowPanelsInCache)
            Compute(operands, block.Rows(_rows, r, Math.Min(block.EndRowPanel, r + _rowPanelsInCache)), k0, depth, panels, (nint)depth * Tiles.Width, null);
    }

    // The rows of a panel are read side by side. Where their stride puts more of them into the same sets of L1 (64 sets of lines of
    // 64 bytes) than it has ways to spare, a copy with another stride pays, once enough columns share it.
    private static bool PacksRows(long aRow, int rowsOfPanel, long n)
    {
        long stride = aRow * sizeof(float) % 4096;
        int sets = stride == 0 ? 1 : stride == 2048 ? 2 : rowsOfPanel;
        return rowsOfPanel / sets > 6 && n >= 128 * sets;
    }

    private int ColumnsOf(long panel) => (int)Math.Min(Tiles.Width, N - panel * Tiles.Width);

    private void Compute(in GemmOperands operands, in Block block, long k0, long depth, float* panels, nint panelStride, float* scratch)
    {
        nint zero = 0;
        bool first = k0 == 0, last = k0 + depth == K;
        var tile = new TileArgs { Offsets = &zero, Taps = 1, KPerTap = (nint)depth, BStep = Tiles.Width, CRow = operands.CRow, CBlock = Tiles.Lanes };
        float* a = operands.A + (nint)block.FirstRow * operands.ARow + (nint)k0;
        tile.ARow = operands.ARow;
        if (_packA && scratch != null)
        {
            PackA(operands, block, k0, depth, scratch);
            a = scratch;
            tile.ARow = _packedRow;
        }
        float* addend0 = first ? operands.Initial : operands.C;
        tile.Addend0Row = first ? operands.InitialRow : operands.CRow;
        tile.Addend0Block = tile.Addend1Block = Tiles.Lanes;
        tile.Addend1Row = operands.ResidualRow;
        (tile.Clamp, tile.Low, tile.High) = (last && operands.Clamp, operands.Low, operands.High);

        for (long p = block.FirstPanel; p < block.EndPanel; p++, panels += panelStride)
        {
            nint column = (nint)p * Tiles.Width;
            int columns = ColumnsOf(p);
            tile.B = panels;
            // The next panel, or this one's next block of K, comes from memory while the first tiles of this one compute.
            var ahead = new ReadAhead(p + 1 < block.EndPanel ? panels + panelStride : null, (nint)depth * Tiles.Width);
            for (long r = block.FirstRowPanel; r < block.EndRowPanel; r++)
            {
                nint row = (nint)_rows.Start(r);
                tile.A = a + (row - (nint)block.FirstRow) * tile.ARow;
                tile.C = operands.C + row * operands.CRow + column;
                tile.Addend0 = addend0 == null ? null : addend0 + row * tile.Addend0Row + column;
                tile.Addend1 = last && operands.Residual != null ? operands.Residual + row * operands.ResidualRow + column : null;
                tile.RowBias = last && operands.RowBias != null ? operands.RowBias + row : null;
                tile.Ahead = ahead.Take((nint)depth);
                int rows = _rows.RowsOf(r);
                Tiles.Get(rows, columns, &tile)(&tile);
                if (last)
                    operands.Activation.Apply(tile.C, rows, tile.CRow, columns);
            }
        }
    }

    private void PackA(in GemmOperands operands, in Block block, long k0, long depth, float* scratch)
    {
        long rows = _rows.Start(block.EndRowPanel) - block.FirstRow;
        if (_transposedA)
        {
            PanelPacking.Transpose(operands.A + (nint)k0 * operands.ARow + (nint)block.FirstRow, operands.ARow, depth, rows, scratch, _packedRow, 1);
            return;
        }
        float* source = operands.A + (nint)block.FirstRow * operands.ARow + (nint)k0;
        for (long i = 0; i < rows; i++, source += operands.ARow, scratch += _packedRow)
            Buffer.MemoryCopy(source, scratch, depth * sizeof(float), depth * sizeof(float));
    }

    /// <summary>A task's row panels and panels of B: part i of n of each, as even as possible.</summary>
    private readonly struct Block
    {
        public Block(RowPanels rows, long rowBlock, long rowBlocks, long panels, long group, long groups)
        {
            FirstRowPanel = rows.Count * rowBlock / rowBlocks;
            EndRowPanel = rows.Count * (rowBlock + 1) / rowBlocks;
            FirstRow = rows.Start(FirstRowPanel);
            FirstPanel = panels * group / groups;
            EndPanel = panels * (group + 1) / groups;
        }

        public long FirstRowPanel { get; private init; }

        public long EndRowPanel { get; private init; }

        public long FirstRow { get; private init; }

        public long FirstPanel { get; }

        public long EndPanel { get; }

        /// <summary>A part of the row panels, with all the panels of B.</summary>
        public Block Rows(RowPanels rows, long first, long end) => this with { FirstRowPanel = first, EndRowPanel = end, FirstRow = rows.Start(first) };
    }
}
