using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>A row of the kernel: where its first tap is relative to the first input of a tile, and to the block's first weight.</summary>
internal struct DepthwiseRow
{
    public nint X, W;
}

/// <summary>What the tiles of a channel block share. Steps are in elements.</summary>
internal unsafe struct DepthwiseArgs
{
    /// <summary>The kernel rows that meet the input.</summary>
    public DepthwiseRow* Rows, RowsEnd;

    /// <summary>From one output's input to the next, and from one tap to the next.</summary>
    public nint Step, TapStep;

    /// <summary>Taps [First, End) of a kernel row that meet the input; read by tiles of any taps only.</summary>
    public int FirstTap, EndTap;

    public float* W, Bias;

    /// <summary>From an output to its residual.</summary>
    public nint Residual;
    public bool HasResidual;
    public float Low, High;
}

/// <summary>Columns of a row that meet the same taps, cut into tiles.</summary>
internal sealed unsafe class DepthwiseRun<S, V> where S : struct, ISimd<V> where V : unmanaged
{
    private readonly TapRun _run;
    private readonly RowPanels _panels;
    private readonly nint _stride;
    private readonly delegate*<DepthwiseArgs*, float*, float*, int, void>[] _tiles;

    public DepthwiseRun(ConvGeometry g, TapRun run)
    {
        _run = run;
        _stride = g.W.Stride;
        bool whole = g.W.Dilation == 1 && run.FirstTap == 0 && run.EndTap == g.W.Kernel;
        _tiles = whole ? DepthwiseTiles<S, V>.Whole(g.W.Kernel, g.W.Stride) : DepthwiseTiles<S, V>.Any();
        _panels = new RowPanels(run.End - run.Begin, _tiles.Length);
    }

    /// <summary>Computes the columns of one row.</summary>
    /// <param name="args">The arguments of the channel block.</param>
    /// <param name="x">The input of output 0, tap 0; outside the image where that is padding.</param>
    /// <param name="y">The row of outputs.</param>
    /// <param name="block">Elements of a channel block.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Row(DepthwiseArgs* args, float* x, float* y, int block)
    {
        (args->FirstTap, args->EndTap) = (_run.FirstTap, _run.EndTap);
        for (long i = 0; i < _panels.Count; i++)
        {
            nint column = _run.Begin + (nint)_panels.Start(i);
            for (int lane = 0; lane < block; lane += S.Lanes)
                _tiles[_panels.RowsOf(i) - 1](args, x + column * _stride * block, y + column * block, lane);
        }
    }
}

/// <summary>
/// The depthwise tile: R outputs of a row, one vector of channels; y(i) = clamp(bias + sum over kernel rows and taps of x * w + residual).
/// </summary>
/// <remarks>
/// Rows of 3 or 5 taps at stride 1 or 2 that are all on the input are unrolled: distances between inputs are constants.
/// Registers: up to 14 accumulators and 1 weight of 32, or 8 and 1 of 16; otherwise up to 6 and 1. Inputs are operands in memory.
/// </remarks>
internal static unsafe class DepthwiseTiles<S, V> where S : struct, ISimd<V> where V : unmanaged
{
    private static int Block
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Math.Max(S.Lanes, 4);
    }

    /// <summary>Tiles of 1, 2, ... outputs for rows of any taps.</summary>
    public static delegate*<DepthwiseArgs*, float*, float*, int, void>[] Any() =>
        [&Any<Rows1>, &Any<Rows2>, &Any<Rows3>, &Any<Rows4>, &Any<Rows5>, &Any<Rows6>];

    /// <summary>Tiles of 1, 2, ... outputs for rows of all taps without dilation.</summary>
    public static delegate*<DepthwiseArgs*, float*, float*, int, void>[] Whole(int taps, int stride) => (taps, stride) switch
    {
        (3, 1) => Whole<Rows3, Rows1>(),
        (3, 2) => Whole<Rows3, Rows2>(),
        (5, 1) => Whole<Rows5, Rows1>(),
        (5, 2) => Whole<Rows5, Rows2>(),
        _ => Any(),
    };

    private static delegate*<DepthwiseArgs*, float*, float*, int, void>[] Whole<K, T>() where K : struct, ITileRows where T : struct, ITileRows => S.Registers >= 32
        ?
        [
            &Whole<K, T, Rows1>, &Whole<K, T, Rows2>, &Whole<K, T, Rows3>, &Whole<K, T, Rows4>, &Whole<K, T, Rows5>, &Whole<K, T, Rows6>, &Whole<K, T, Rows7>,
            &Whole<K, T, Rows8>, &Whole<K, T, Rows9>, &Whole<K, T, Rows10>, &Whole<K, T, Rows11>, &Whole<K, T, Rows12>, &Whole<K, T, Rows13>, &Whole<K, T, Rows14>,
        ]
        :
        [
            &Whole<K, T, Rows1>, &Whole<K, T, Rows2>, &Whole<K, T, Rows3>, &Whole<K, T, Rows4>, &Whole<K, T, Rows5>, &Whole<K, T, Rows6>, &Whole<K, T, Rows7>,
            &Whole<K, T, Rows8>,
        ];

    // K taps, stride T, R outputs.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Whole<K, T, R>(DepthwiseArgs* t, float* x, float* y, int lane) where K : struct, ITileRows where T : struct, ITileRows where R : struct, ITileRows
    {
        x += lane;
        y += lane;
        float* weights = t->W + lane;
        V a0 = S.Load(t->Bias + lane), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0, a8 = a0, a9 = a0, a10 = a0, a11 = a0, a12 = a0, a13 = a0;
        for (DepthwiseRow* row = t->Rows, end = t->RowsEnd; row != end; row++)
        {
            float* p = x + row->X, w = weights + row->W;
            {
                V k = S.Load(w);
                a0 = S.MulAdd(S.Load(p), k, a0);
                if (R.Count > 1) a1 = S.MulAdd(S.Load(p + T.Count * Block), k, a1);
                if (R.Count > 2) a2 = S.MulAdd(S.Load(p + 2 * T.Count * Block), k, a2);
                if (R.Count > 3) a3 = S.MulAdd(S.Load(p + 3 * T.Count * Block), k, a3);
                if (R.Count > 4) a4 = S.MulAdd(S.Load(p + 4 * T.Count * Block), k, a4);
                if (R.Count > 5) a5 = S.MulAdd(S.Load(p + 5 * T.Count * Block), k, a5);
                if (R.Count > 6) a6 = S.MulAdd(S.Load(p + 6 * T.Count * Block), k, a6);
                if (R.Count > 7) a7 = S.MulAdd(S.Load(p + 7 * T.Count * Block), k, a7);
                if (R.Count > 8) a8 = S.MulAdd(S.Load(p + 8 * T.Count * Block), k, a8);
                if (R.Count > 9) a9 = S.MulAdd(S.Load(p + 9 * T.Count * Block), k, a9);
                if (R.Count > 10) a10 = S.MulAdd(S.Load(p + 10 * T.Count * Block), k, a10);
                if (R.Count > 11) a11 = S.MulAdd(S.Load(p + 11 * T.Count * Block), k, a11);
                if (R.Count > 12) a12 = S.MulAdd(S.Load(p + 12 * T.Count * Block), k, a12);
                if (R.Count > 13) a13 = S.MulAdd(S.Load(p + 13 * T.Count * Block), k, a13);
            }
            {
                V k = S.Load(w + Block);
                a0 = S.MulAdd(S.Load(p + Block), k, a0);
                if (R.Count > 1) a1 = S.MulAdd(S.Load(p + (T.Count + 1) * Block), k, a1);
                if (R.Count > 2) a2 = S.MulAdd(S.Load(p + (2 * T.Count + 1) * Block), k, a2);
                if (R.Count > 3) a3 = S.MulAdd(S.Load(p + (3 * T.Count + 1) * Block), k, a3);
                if (R.Count > 4) a4 = S.MulAdd(S.Load(p + (4 * T.Count + 1) * Block), k, a4);
                if (R.Count > 5) a5 = S.MulAdd(S.Load(p + (5 * T.Count + 1) * Block), k, a5);
                if (R.Count > 6) a6 = S.MulAdd(S.Load(p + (6 * T.Count + 1) * Block), k, a6);
                if (R.Count > 7) a7 = S.MulAdd(S.Load(p + (7 * T.Count + 1) * Block), k, a7);
                if (R.Count > 8) a8 = S.MulAdd(S.Load(p + (8 * T.Count + 1) * Block), k, a8);
                if (R.Count > 9) a9 = S.MulAdd(S.Load(p + (9 * T.Count + 1) * Block), k, a9);
                if (R.Count > 10) a10 = S.MulAdd(S.Load(p + (10 * T.Count + 1) * Block), k, a10);
                if (R.Count > 11) a11 = S.MulAdd(S.Load(p + (11 * T.Count + 1) * Block), k, a11);
                if (R.Count > 12) a12 = S.MulAdd(S.Load(p + (12 * T.Count + 1) * Block), k, a12);
                if (R.Count > 13) a13 = S.MulAdd(S.Load(p + (13 * T.Count + 1) * Block), k, a13);
            }
            {
                V k = S.Load(w + 2 * Block);
                a0 = S.MulAdd(S.Load(p + 2 * Block), k, a0);
                if (R.Count > 1) a1 = S.MulAdd(S.Load(p + (T.Count + 2) * Block), k, a1);
                if (R.Count > 2) a2 = S.MulAdd(S.Load(p + (2 * T.Count + 2) * Block), k, a2);
                if (R.Count > 3) a3 = S.MulAdd(S.Load(p + (3 * T.Count + 2) * Block), k, a3);
                if (R.Count > 4) a4 = S.MulAdd(S.Load(p + (4 * T.Count + 2) * Block), k, a4);
                if (R.Count > 5) a5 = S.MulAdd(S.Load(p + (5 * T.Count + 2) * Block), k, a5);
                if (R.Count > 6) a6 = S.MulAdd(S.Load(p + (6 * T.Count + 2) * Block), k, a6);
                if (R.Count > 7) a7 = S.MulAdd(S.Load(p + (7 * T.Count + 2) * Block), k, a7);
                if (R.Count > 8) a8 = S.MulAdd(S.Load(p + (8 * T.Count + 2) * Block), k, a8);
                if (R.Count > 9) a9 = S.MulAdd(S.Load(p + (9 * T.Count + 2) * Block), k, a9);
                if (R.Count > 10) a10 = S.MulAdd(S.Load(p + (10 * T.Count + 2) * Block), k, a10);
                if (R.Count > 11) a11 = S.MulAdd(S.Load(p + (11 * T.Count + 2) * Block), k, a11);
                if (R.Count > 12) a12 = S.MulAdd(S.Load(p + (12 * T.Count + 2) * Block), k, a12);
                if (R.Count > 13) a13 = S.MulAdd(S.Load(p + (13 * T.Count + 2) * Block), k, a13);
            }
            if (K.Count > 3)
            {
                V k = S.Load(w + 3 * Block);
                a0 = S.MulAdd(S.Load(p + 3 * Block), k, a0);
                if (R.Count > 1) a1 = S.MulAdd(S.Load(p + (T.Count + 3) * Block), k, a1);
                if (R.Count > 2) a2 = S.MulAdd(S.Load(p + (2 * T.Count + 3) * Block), k, a2);
                if (R.Count > 3) a3 = S.MulAdd(S.Load(p + (3 * T.Count + 3) * Block), k, a3);
                if (R.Count > 4) a4 = S.MulAdd(S.Load(p + (4 * T.Count + 3) * Block), k, a4);
                if (R.Count > 5) a5 = S.MulAdd(S.Load(p + (5 * T.Count + 3) * Block), k, a5);
                if (R.Count > 6) a6 = S.MulAdd(S.Load(p + (6 * T.Count + 3) * Block), k, a6);
                if (R.Count > 7) a7 = S.MulAdd(S.Load(p + (7 * T.Count + 3) * Block), k, a7);
                if (R.Count > 8) a8 = S.MulAdd(S.Load(p + (8 * T.Count + 3) * Block), k, a8);
                if (R.Count > 9) a9 = S.MulAdd(S.Load(p + (9 * T.Count + 3) * Block), k, a9);
                if (R.Count > 10) a10 = S.MulAdd(S.Load(p + (10 * T.Count + 3) * Block), k, a10);
                if (R.Count > 11) a11 = S.MulAdd(S.Load(p + (11 * T.Count + 3) * Block), k, a11);
                if (R.Count > 12) a12 = S.MulAdd(S.Load(p + (12 * T.Count + 3) * Block), k, a12);
                if (R.Count > 13) a13 = S.MulAdd(S.Load(p + (13 * T.Count + 3) * Block), k, a13);
            }
            if (K.Count > 4)
            {
                V k = S.Load(w + 4 * Block);
                a0 = S.MulAdd(S.Load(p + 4 * Block), k, a0);
                if (R.Count > 1) a1 = S.MulAdd(S.Load(p + (T.Count + 4) * Block), k, a1);
                if (R.Count > 2) a2 = S.MulAdd(S.Load(p + (2 * T.Count + 4) * Block), k, a2);
                if (R.Count > 3) a3 = S.MulAdd(S.Load(p + (3 * T.Count + 4) * Block), k, a3);
                if (R.Count > 4) a4 = S.MulAdd(S.Load(p + (4 * T.Count + 4) * Block), k, a4);
                if (R.Count > 5) a5 = S.MulAdd(S.Load(p + (5 * T.Count + 4) * Block), k, a5);
                if (R.Count > 6) a6 = S.MulAdd(S.Load(p + (6 * T.Count + 4) * Block), k, a6);
                if (R.Count > 7) a7 = S.MulAdd(S.Load(p + (7 * T.Count + 4) * Block), k, a7);
                if (R.Count > 8) a8 = S.MulAdd(S.Load(p + (8 * T.Count + 4) * Block), k, a8);
                if (R.Count > 9) a9 = S.MulAdd(S.Load(p + (9 * T.Count + 4) * Block), k, a9);
                if (R.Count > 10) a10 = S.MulAdd(S.Load(p + (10 * T.Count + 4) * Block), k, a10);
                if (R.Count > 11) a11 = S.MulAdd(S.Load(p + (11 * T.Count + 4) * Block), k, a11);
                if (R.Count > 12) a12 = S.MulAdd(S.Load(p + (12 * T.Count + 4) * Block), k, a12);
                if (R.Count > 13) a13 = S.MulAdd(S.Load(p + (13 * T.Count + 4) * Block), k, a13);
            }
        }
        V low = S.Create(t->Low), high = S.Create(t->High);
        Finish(a0, t, y, low, high);
        if (R.Count > 1) Finish(a1, t, y + Block, low, high);
        if (R.Count > 2) Finish(a2, t, y + 2 * Block, low, high);
        if (R.Count > 3) Finish(a3, t, y + 3 * Block, low, high);
        if (R.Count > 4) Finish(a4, t, y + 4 * Block, low, high);
        if (R.Count > 5) Finish(a5, t, y + 5 * Block, low, high);
        if (R.Count > 6) Finish(a6, t, y + 6 * Block, low, high);
        if (R.Count > 7) Finish(a7, t, y + 7 * Block, low, high);
        if (R.Count > 8) Finish(a8, t, y + 8 * Block, low, high);
        if (R.Count > 9) Finish(a9, t, y + 9 * Block, low, high);
        if (R.Count > 10) Finish(a10, t, y + 10 * Block, low, high);
        if (R.Count > 11) Finish(a11, t, y + 11 * Block, low, high);
        if (R.Count > 12) Finish(a12, t, y + 12 * Block, low, high);
        if (R.Count > 13) Finish(a13, t, y + 13 * Block, low, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Any<R>(DepthwiseArgs* t, float* x, float* y, int lane) where R : struct, ITileRows
    {
        x += lane;
        y += lane;
        float* weights = t->W + lane;
        nint step = t->Step, tapStep = t->TapStep, first = t->FirstTap, count = t->EndTap - first;
        V a0 = S.Load(t->Bias + lane), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
        for (DepthwiseRow* row = t->Rows, end = t->RowsEnd; row != end; row++)
        {
            float* p = x + row->X + first * tapStep, w = weights + row->W + first * Block;
            for (nint kx = 0; kx < count; kx++, p += tapStep, w += Block)
            {
                V k = S.Load(w);
                a0 = S.MulAdd(S.Load(p), k, a0);
                if (R.Count > 1) a1 = S.MulAdd(S.Load(p + step), k, a1);
                if (R.Count > 2) a2 = S.MulAdd(S.Load(p + 2 * step), k, a2);
                if (R.Count > 3) a3 = S.MulAdd(S.Load(p + 3 * step), k, a3);
                if (R.Count > 4) a4 = S.MulAdd(S.Load(p + 4 * step), k, a4);
                if (R.Count > 5) a5 = S.MulAdd(S.Load(p + 5 * step), k, a5);
            }
        }
        V low = S.Create(t->Low), high = S.Create(t->High);
        Finish(a0, t, y, low, high);
        if (R.Count > 1) Finish(a1, t, y + Block, low, high);
        if (R.Count > 2) Finish(a2, t, y + 2 * Block, low, high);
        if (R.Count > 3) Finish(a3, t, y + 3 * Block, low, high);
        if (R.Count > 4) Finish(a4, t, y + 4 * Block, low, high);
        if (R.Count > 5) Finish(a5, t, y + 5 * Block, low, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(V v, DepthwiseArgs* t, float* y, V low, V high)
    {
        if (t->HasResidual)
            v = S.Add(v, S.Load(y + t->Residual));
        S.Store(S.Min(high, S.Max(low, v)), y);
    }
}
