namespace Ai3.Ops;

/// <summary>
/// Pools row-major planes, one output row at a time: first down the columns (all rows of the window, at every input column, so
/// loads are contiguous whatever the stride), then along the row, then every stride-th result is kept.
/// </summary>
/// <remarks>
/// x [planes, inD, inH, inW], y [planes, outD, outH, outW], float32. Workspace of each thread: rows of Span columns (the columns that all
/// windows of a row cover, padding included) and a vector of slack. 4 accumulators of 32 registers. The first step is done for a few rows
/// before the second: loads that straddle two stores still under way would wait for them.
/// </remarks>
internal static unsafe class PoolingDirect
{
    // A vector's worth of readable memory after each scratch row.
    private const int Slack = 16;

    // Output rows whose columns are pooled before they go on.
    private const int Batch = 8;

    public static Applicability Supports(PoolingProblem p, Target target)
    {
        Applicability verdict = PoolSteps.Supports(p).And(PoolingGeometry.Supports(p));
        if (!verdict.IsYes)
            return verdict;
        WindowAxis w = PoolingGeometry.Of(p).W;
        return Applicability.If(w.Span <= 4 * w.In + 1024, $"windows cover {w.Span} columns, takes {4 * w.In + 1024}");
    }

    public static long WorkspaceBytes(Request<PoolingProblem> r) => r.Target.Threads * (Batch + 1) * ScratchRow(PoolingGeometry.Of(r.Problem).W) * sizeof(float);

    public static double CostHint(Request<PoolingProblem> r)
    {
        PoolingGeometry g = PoolingGeometry.Of(r.Problem);
        double rows = (double)g.Planes * g.D.Out * g.H.Out;
        double steps = g.W.In * (g.D.Kernel * g.H.Kernel + 1.0) + g.W.Stride * (double)g.W.Out * (g.W.Kernel + 1);
        double gather = g.W.Stride > 1 ? g.W.Out * 0.4 : 0;
        return (rows * (steps * 0.4 / r.Target.Lanes + gather + 15) + r.Problem.Traffic / r.Target.BytesPerNanosecond / 4) / r.Target.Threads;
    }

    public static ErrorBound Error(PoolingProblem p, Target target)
    {
        if (p.Kind == PoolKind.Max)
            return ErrorBound.Exact;
        PoolingGeometry g = PoolingGeometry.Of(p);
        return ErrorBound.PerElement((double)Math.Min(g.D.In, g.D.Kernel) * Math.Min(g.H.In, g.H.Kernel) + g.W.Kernel + 2);
    }

    public static PreparedKernel Bind(Request<PoolingProblem> r, PackedConstants? packed) => PoolSteps.Select(r.Problem.Kind, r.Target.Isa, new Binder(r.Problem));

    private static long ScratchRow(WindowAxis w) => (w.Span + 2 * Slack - 1) / Slack * Slack;

    private readonly struct Binder(PoolingProblem p) : IPoolFunc
    {
        public PreparedKernel Create<S, V, P>() where S : struct, ISimd<V> where V : unmanaged where P : struct, IPoolStep =>
            new Kernel<S, V, P>(PoolingGeometry.Of(p), p.Kind == PoolKind.Average, p.CountsPadding);
    }

    private sealed class Kernel<S, V, P>(PoolingGeometry g, bool average, bool countPadding) : PreparedKernel
        where S : struct, ISimd<V> where V : unmanaged where P : struct, IPoolStep
    {
        private readonly float[] _counts = PoolCounts.Along(g.W, average, countPadding);

        public override void Run(in KernelArgs args)
        {
            fixed (float* counts = _counts)
            {
                var body = new Body<S, V, P>
                {
                    G = g,
                    CountPadding = countPadding,
                    Counts = counts,
                    X = (float*)args.Inputs[0],
                    Y = (float*)args.Outputs[0],
                    Scratch = (float*)args.Workspace,
                    Split = new RowSplit(g.Planes * g.D.Out * g.H.Out),
                };
                args.Workers.For(body.Split.Items, ref body);
            }
        }
    }

    private struct Body<S, V, P> : IParallelBody where S : struct, ISimd<V> where V : unmanaged where P : struct, IPoolStep
    {
        public PoolingGeometry G;
        public bool CountPadding;
        public float* Counts;
        public float* X;
        public float* Y;
        public float* Scratch;
        public RowSplit Split;

        public void Run(int begin, int end, int worker)
        {
            nint scratchRow = (nint)ScratchRow(G.W);
            float* scratch = Scratch + worker * (Batch + 1) * scratchRow, all = scratch + Batch * scratchRow;
            for (nint i = 0; i < Batch * scratchRow; i++)
                scratch[i] = P.Initial;
            float* rows = stackalloc float[Batch];
            for (long first = Split.Begin(begin); first < Split.End(end); first += Batch)
            {
                int count = (int)Math.Min(Batch, Split.End(end) - first);
                for (int r = 0; r < count; r++)
                {
                    long row = first + r, oh = row % G.H.Out, od = row / G.H.Out % G.D.Out, plane = row / G.H.Out / G.D.Out;
                    Columns(X + (nint)(plane * G.InPlane), od, oh, scratch + r * scratchRow);
                    rows[r] = Counts == null ? 0 : (float)PoolCounts.Of(G.D, od, CountPadding) * PoolCounts.Of(G.H, oh, CountPadding);
                }
                for (int r = 0; r < count; r++)
                {
                    float* y = Y + (nint)((first + r) * G.W.Out);
                    Along(scratch + r * scratchRow, all, y);
                    if (Counts != null)
                        PoolCounts.Divide<S, V>(y, (nint)G.W.Out, rows[r], Counts);
                }
            }
        }

        // columns[PadBegin + i] = pool of all window rows at input column i.
        private readonly void Columns(float* x, long od, long oh, float* columns)
        {
            nint n = (nint)Math.Clamp(G.W.Span - G.W.PadBegin, 0, G.W.In);
            float* to = columns + (nint)G.W.PadBegin;
            nint firstD = (nint)G.D.FirstTap(od), endD = (nint)G.D.EndTap(od), firstH = (nint)G.H.FirstTap(oh), endH = (nint)G.H.EndTap(oh);
            nint stepH = (nint)(G.H.Dilation * G.W.In), stepD = (nint)(G.D.Dilation * G.H.In * G.W.In);
            x += (nint)(((G.D.Start(od) + firstD * G.D.Dilation) * G.H.In + G.H.Start(oh) + firstH * G.H.Dilation) * G.W.In);
            nint rowsD = endD - firstD, rowsH = endH - firstH;
            nint i = 0;
            for (; i + 4 * S.Lanes <= n; i += 4 * S.Lanes)
            {
                V a0 = S.Create(P.Initial), a1 = a0, a2 = a0, a3 = a0;
                float* atD = x + i;
                for (nint d = 0; d < rowsD; d++, atD += stepD)
                {
                    float* p = atD;
                    for (nint h = 0; h < rowsH; h++, p += stepH)
                    {
                        a0 = P.Add<S, V>(a0, S.Load(p));
                        a1 = P.Add<S, V>(a1, S.Load(p + S.Lanes));
                        a2 = P.Add<S, V>(a2, S.Load(p + 2 * S.Lanes));
                        a3 = P.Add<S, V>(a3, S.Load(p + 3 * S.Lanes));
                    }
                }
                S.Store(a0, to + i);
                S.Store(a1, to + i + S.Lanes);
                S.Store(a2, to + i + 2 * S.Lanes);
                S.Store(a3, to + i + 3 * S.Lanes);
            }
            for (; i < n; i += S.Lanes)
            {
                int lanes = (int)Math.Min(S.Lanes, n - i);
                V a = S.Create(P.Initial);
                float* atD = x + i;
                for (nint d = 0; d < rowsD; d++, atD += stepD)
                {
                    float* p = atD;
                    for (nint h = 0; h < rowsH; h++, p += stepH)
                        a = P.Add<S, V>(a, lanes == S.Lanes ? S.Load(p) : S.LoadPartial(p, lanes));
                }
                S.StorePartial(a, to + i, lanes);
            }
        }

        // y[o] = pool of the taps of columns at o * Stride: all positions at once, then every Stride-th is kept.
        private readonly void Along(float* columns, float* all, float* y)
        {
            nint stride = (nint)G.W.Stride, kernel = (nint)G.W.Kernel, dilation = (nint)G.W.Dilation, outputs = (nint)G.W.Out;
            nint positions = outputs == 0 ? 0 : (outputs - 1) * stride + 1;
            float* to = stride == 1 ? y : all;
            nint i = 0;
            for (; i + 2 * S.Lanes <= positions; i += 2 * S.Lanes)
            {
                V a0 = S.Create(P.Initial), a1 = a0;
                float* p = columns + i;
                for (nint k = 0; k < kernel; k++, p += dilation)
                {
                    a0 = P.Add<S, V>(a0, S.Load(p));
                    a1 = P.Add<S, V>(a1, S.Load(p + S.Lanes));
                }
                S.Store(a0, to + i);
                S.Store(a1, to + i + S.Lanes);
            }
            for (; i < positions; i += S.Lanes)
            {
                V a = S.Create(P.Initial);
                float* p = columns + i;
                for (nint k = 0; k < kernel; k++, p += dilation)
                    a = P.Add<S, V>(a, S.Load(p));
                S.StorePartial(a, to + i, (int)Math.Min(S.Lanes, positions - i));
            }
            if (stride == 1)
                return;
            for (nint o = 0; o < outputs; o++)
                y[o] = all[o * stride];
        }
    }
}
