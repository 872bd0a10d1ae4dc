using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The three phases of a Winograd convolution over part of their range, for a part of the tiles in one pair of buffers.</summary>
/// <remarks>
/// Transformed inputs [point][C/c][tile][c] and products [point][M/c][tile][c]. A transform goes through a tile in the stack: columns first, then
/// rows.
/// </remarks>
internal unsafe struct WinogradPhases<T, S, V> where T : struct, IWinogradTile where S : struct, ISimd<V> where V : unmanaged
{
    // Elements of a cache line.
    private const int Alignment = NativeBuffer.Alignment / sizeof(float);

    public ConvGeometry G;
    public WinogradPlan Plan;
    public TileKernels Kernels;
    public float* X, U, Bias, Residual, Y, Workspace;
    public ActivationStrip Activation;

    private static int Inputs
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => T.Outputs + WinogradMatrices.Taps - 1;
    }

    private static int Points
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Inputs * Inputs;
    }

    // Stack memory is not aligned, and a vector across two cache lines costs twice.
    private static float* Aligned(float* memory) => (float*)(((nint)memory + NativeBuffer.Alignment - 1) & -NativeBuffer.Alignment);

    private readonly void Locate(int part, int buffer, out int first, out int count, out float* v, out float* m)
    {
        first = Plan.FirstTile(part);
        count = Plan.FirstTile(part + 1) - first;
        v = Workspace + buffer * (Plan.InputCount + Plan.ProductCount);
        m = v + Plan.InputCount;
    }

    /// <summary>Transforms input blocks [begin, end).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void TransformInputs(int part, int buffer, int begin, int end)
    {
        Locate(part, buffer, out int first, out int count, out float* v, out _);
        int block = Plan.Block, inH = G.H.In, inW = G.W.In;
        nint point = WinogradPlan.PointStep(count, Plan.Channels), row = (nint)inW * block, plane = G.InPixels * block;
        float* memory = stackalloc float[Points * (block + S.Lanes) + Alignment];
        float* edge = Aligned(memory), half = edge + Points * block;
        for (int b = begin; b < end; b++)
        {
            float* target = v + (nint)b * count * block;
            var tile = new WinogradCursor(Plan, first);
            for (int t = 0; t < count; t++, target += block, tile.Next())
            {
                int y = tile.Row * T.Outputs - G.H.Pad, x = tile.Column * T.Outputs - G.W.Pad;
                float* d = X + ((nint)tile.Image * (Plan.Channels / block) + b) * plane + ((nint)y * inW + x) * block;
                nint step = row;
                if (y < 0 || x < 0 || y + Inputs > inH || x + Inputs > inW)
                {
                    CopyEdge(d, y, x, edge);
                    d = edge;
                    step = Inputs * block;
                }
                for (int lane = 0; lane < block; lane += S.Lanes)
                {
                    for (int i = 0; i < Inputs; i++)
                        T.Input<S, V>(d + lane + i * block, step, half + i * S.Lanes, Inputs * S.Lanes);
                    for (int i = 0; i < Inputs; i++)
                        T.Input<S, V>(half + i * Inputs * S.Lanes, S.Lanes, target + lane + i * Inputs * point, point);
                }
            }
        }
    }

    // A tile of inputs at (y, x) that is partly or wholly outside, with zeros there.
    private readonly void CopyEdge(float* d, int y, int x, float* edge)
    {
        int block = Plan.Block;
        int left = Math.Clamp(-x, 0, Inputs), right = Math.Clamp(G.W.In - x, left, Inputs);
        for (int r = 0; r < Inputs; r++, edge += Inputs * block)
        {
            bool inside = y + r >= 0 && y + r < G.H.In;
            int begin = inside ? left * block : 0, end = inside ? right * block : 0;
            float* s = d + (nint)r * G.W.In * block;
            for (int i = 0; i < begin; i += S.Lanes)
                S.Store(S.Zero, edge + i);
            for (int i = begin; i < end; i += S.Lanes)
                S.Store(S.Load(s + i), edge + i);
            for (int i = end; i < Inputs * block; i += S.Lanes)
                S.Store(S.Zero, edge + i);
        }
    }

    /// <summary>Products [begin, end) of all points and tiles of output channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Multiply(int part, int buffer, int begin, int end)
    {
        Locate(part, buffer, out _, out int count, out float* v, out float* m);
        int block = Plan.Block, blocks = Plan.Channels / block;
        nint inputStep = WinogradPlan.PointStep(count, Plan.Channels), productStep = WinogradPlan.PointStep(count, Plan.OutChannels);
        nint* offsets = stackalloc nint[WinogradPlan.BlocksAtOnce];
        var panels = new RowPanels(count, Kernels.MaxRows);
        TileArgs a = default;
        a.ARow = block;
        a.Offsets = offsets;
        a.KPerTap = block;
        a.CRow = block;
        a.CBlock = a.Addend0Block = Plan.Lanes == block ? (nint)count * block : Plan.Lanes;
        a.Addend0Row = block;
        for (int i = 0; i < WinogradPlan.BlocksAtOnce; i++)
            offsets[i] = (nint)i * count * block;
        for (int i = begin; i < end; i++)
        {
            int point = i / Plan.ChannelTiles, tile = i % Plan.ChannelTiles, columns = Plan.ColumnsOf(tile), channel = tile * Plan.Width;
            float* u = U + (nint)point * Plan.Channels * Plan.OutChannels + (nint)channel * Plan.Channels;
            float* d = v + point * inputStep;
            float* c = m + point * productStep + (nint)(channel / block) * count * block + channel % block;
            a.BStep = columns;
            for (int b = 0; b < blocks; b += WinogradPlan.BlocksAtOnce)
            {
                a.Taps = Math.Min(WinogradPlan.BlocksAtOnce, blocks - b);
                a.B = u + (nint)b * block * columns;
                for (long panel = 0; panel < panels.Count; panel++)
                {
                    nint start = (nint)panels.Start(panel) * block;
                    a.A = d + (nint)b * count * block + start;
                    a.C = c + start;
                    a.Addend0 = b == 0 ? null : a.C;
                    Kernels.Get(panels.RowsOf(panel), columns, &a)(&a);
                }
            }
        }
    }

    /// <summary>Transforms products into output blocks [begin, end).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void TransformOutputs(int part, int buffer, int begin, int end)
    {
        Locate(part, buffer, out int first, out int count, out _, out float* m);
        int block = Plan.Block;
        nint point = WinogradPlan.PointStep(count, Plan.OutChannels), plane = G.OutPixels * block;
        float* bias = stackalloc float[block], mask = stackalloc float[block];
        float* memory = stackalloc float[(Inputs + T.Outputs) * T.Outputs * S.Lanes + Alignment];
        float* half = Aligned(memory), outputs = half + Inputs * T.Outputs * S.Lanes;
        for (int b = begin; b < end; b++)
        {
            for (int lane = 0; lane < block; lane++)
            {
                bool isThere = b * block + lane < G.OutChannels;
                bias[lane] = isThere && Bias != null ? Bias[b * block + lane] : 0;
                mask[lane] = BitConverter.Int32BitsToSingle(isThere ? -1 : 0);
            }
            for (int lane = 0; lane < block; lane += S.Lanes)
            {
                float* source = m + (nint)b * count * block + lane;
                var tile = new WinogradCursor(Plan, first);
                for (int t = 0; t < count; t++, source += block, tile.Next())
                {
                    for (int i = 0; i < Inputs; i++)
                        T.Output<S, V>(source + i * point, Inputs * point, half + i * S.Lanes, Inputs * S.Lanes);
                    for (int i = 0; i < T.Outputs; i++)
                        T.Output<S, V>(half + i * Inputs * S.Lanes, S.Lanes, outputs + i * T.Outputs * S.Lanes, S.Lanes);
                    int y = tile.Row * T.Outputs, x = tile.Column * T.Outputs;
                    nint at = ((nint)tile.Image * (Plan.OutChannels / block) + b) * plane + ((nint)y * G.W.Out + x) * block + lane;
                    int rows = Math.Min(T.Outputs, G.H.Out - y), columns = Math.Min(T.Outputs, G.W.Out - x);
                    Finish(outputs, rows, columns, bias + lane, mask + lane, at);
                    if (Activation.Exists && lane + S.Lanes == block)
                        Activate(Y + at - lane, rows, columns, Math.Min(block, G.OutChannels - b * block));
                }
            }
        }
    }

    // Padding lanes stay zero.
    private readonly void Activate(float* y, int rows, int columns, int channels)
    {
        int block = Plan.Block;
        nint row = (nint)G.W.Out * block;
        Activation.Apply(y, rows, row, (nint)columns * block);
        if (channels == block || !Activation.LiftsZero)
            return;
        for (int r = 0; r < rows; r++, y += row)
            for (int i = 0; i < columns * block; i++)
                if (i % block >= channels)
                    y[i] = 0;
    }

    // Adds bias and residual, clamps, clears padding lanes, stores.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Finish(float* outputs, int rows, int columns, float* bias, float* mask, nint at)
    {
        V shift = S.Load(bias), keep = S.Load(mask), low = S.Create(G.Low), high = S.Create(G.High);
        int block = Plan.Block;
        nint row = (nint)G.W.Out * block;
        for (int r = 0; r < rows; r++, at += row, outputs += T.Outputs * S.Lanes)
        {
            float* y = Y + at;
            if (Residual == null)
                for (int c = 0; c < columns; c++)
                    S.Store(S.And(S.Min(high, S.Max(low, S.Add(S.Load(outputs + c * S.Lanes), shift))), keep), y + c * block);
            else
                for (int c = 0; c < columns; c++)
                {
                    V v = S.Add(S.Add(S.Load(outputs + c * S.Lanes), shift), S.Load(Residual + at + c * block));
                    S.Store(S.And(S.Min(high, S.Max(low, v)), keep), y + c * block);
                }
        }
    }
}

/// <summary>Goes through tiles, row by row and image by image.</summary>
internal struct WinogradCursor
{
    private readonly int _rows;
    private readonly int _columns;

    public WinogradCursor(WinogradPlan plan, int tile)
    {
        _rows = plan.Rows;
        _columns = plan.Columns;
        Column = tile % _columns;
        Row = tile / _columns % _rows;
        Image = tile / _columns / _rows;
    }

    public int Image { get; private set; }

    public int Row { get; private set; }

    public int Column { get; private set; }

    public void Next()
    {
        if (++Column < _columns)
            return;
        Column = 0;
        if (++Row < _rows)
            return;
        Row = 0;
        Image++;
    }
}
