using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Linear and cubic resampling of row-major planes whose last axis is resized, and perhaps the axis before it: either rows are resampled first and
/// the resampled ones combined down the columns, or rows are combined first, whichever takes fewer steps.
/// </summary>
/// <remarks>
/// x [planes, inH, inW], y [planes, outH, outW], float32. Workspace of each thread: as many resampled rows as the column filter has taps (row i of the
/// input in place i mod taps, so that neighbouring output rows share them) and one row of input behind which stands a zero, which the taps
/// of weight 0 read. Items are groups of output rows, so that threads share one plane too.
/// </remarks>
internal static unsafe class ResizeRows
{
    private const int RowsOfItem = 32;

    public static Applicability Supports(ResizeProblem p, Target target) =>
        Applicability.If(p.Type == DType.Float32, $"element type is {p.Type.ShortName()}, needs f32")
            .And(Applicability.If(p.Mode != ResizeMode.Nearest, "mode is nearest"))
            .And(ResizeLayout.FitsTables(p))
            .And(Applicability.If(!p.Axes[^1].IsIdentity, "the last axis stays as it is"))
            .And(Applicability.If(p.Axes.SkipLast(2).All(a => a.IsIdentity), "more than the last two axes are resized"));

    public static long WorkspaceBytes(Request<ResizeProblem> r)
    {
        (ResizeAxis h, ResizeAxis w) = Axes(r.Problem);
        return ShapeMath.Multiply(r.Target.Threads * sizeof(float), ThreadFloats(w, (long)Math.Ceiling(r.Problem.TapsOf(h)) + 1));
    }

    public static double CostHint(Request<ResizeProblem> r)
    {
        (ResizeAxis h, ResizeAxis w) = Axes(r.Problem);
        double planes = r.Problem.Axes.SkipLast(2).Aggregate(1.0, (n, a) => n * a.Out);
        return 200 + planes * Math.Min(RowsFirst(r.Problem, h, w, r.Target), ColumnsFirst(r.Problem, h, w, r.Target)) / r.Target.Threads;
    }

    public static ErrorBound Error(ResizeProblem p, Target target) => ErrorBound.Relative(p.Axes.Sum(a => a.IsIdentity ? 0 : p.TapsOf(a) + 4) + 2);

    public static PreparedKernel Bind(Request<ResizeProblem> r, PackedConstants? packed) => Isa.Select<Binder, PreparedKernel>(r.Target.Isa, new Binder(r));

    private static (ResizeAxis H, ResizeAxis W) Axes(ResizeProblem p) => (p.Axes.Length > 1 ? p.Axes[^2] : new ResizeAxis(1, 1), p.Axes[^1]);

    private static long ThreadFloats(ResizeAxis w, long taps) => ShapeMath.Multiply(taps, ShapeMath.RoundUp(w.Out, 16)) + ShapeMath.RoundUp(w.In + 1, 16);

    private static double RowsFirst(ResizeProblem p, ResizeAxis h, ResizeAxis w, Target target)
    {
        double rows = Math.Min(h.In, h.Out * p.TapsOf(h));
        return rows * (w.Out * p.TapsOf(w) * 0.35 + w.In * 0.1) + h.Out * (double)w.Out * p.TapsOf(h) * 0.6 / target.Lanes;
    }

    private static double ColumnsFirst(ResizeProblem p, ResizeAxis h, ResizeAxis w, Target target) =>
        h.Out * (w.In * p.TapsOf(h) * 0.6 / target.Lanes + w.Out * p.TapsOf(w) * 0.35);

    private readonly struct Binder(Request<ResizeProblem> r) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(r.Problem, r.Target);
    }

    private sealed class Kernel<S, V> : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly ResizeAxis _h;
        private readonly ResizeAxis _w;
        private readonly ResizeTaps _tapsH;
        private readonly ResizeTaps _tapsW;
        private readonly float[] _weightsH;
        private readonly float[] _weightsW;
        private readonly bool _rowsFirst;
        private readonly float _outside;
        private readonly long _planes;
        private readonly long _groups;
        private readonly long _threadFloats;

        public Kernel(ResizeProblem p, Target target)
        {
            (_h, _w) = Axes(p);
            _tapsH = ResizeTaps.Of(p, _h);
            _tapsW = ResizeTaps.Of(p, _w);
            (_weightsH, _weightsW) = (_tapsH.SingleWeights(), _tapsW.SingleWeights());
            _rowsFirst = RowsFirst(p, _h, _w, target) <= ColumnsFirst(p, _h, _w, target);
            _outside = p.Extrapolation;
            _planes = p.Axes.SkipLast(2).Aggregate(1L, (n, a) => n * a.Out);
            _groups = ShapeMath.CeilDiv(_h.Out, RowsOfItem);
            _threadFloats = ThreadFloats(_w, (long)Math.Ceiling(p.TapsOf(_h)) + 1);
        }

        public override void Run(in KernelArgs args)
        {
            if (_planes == 0 || _h.Out == 0 || _w.Out == 0)
                return;
            fixed (int* indicesW = _tapsW.Indices)
            fixed (float* weightsW = _weightsW)
            {
                var body = new Body
                {
                    K = this,
                    IndicesW = indicesW,
                    WeightsW = weightsW,
                    X = (float*)args.Inputs[0],
                    Y = (float*)args.Outputs[0],
                    Scratch = (float*)args.Workspace,
                    Split = new RowSplit(_planes * _groups),
                };
                args.Workers.For(body.Split.Items, ref body);
            }
        }

        private struct Body : IParallelBody
        {
            public Kernel<S, V> K;
            public int* IndicesW;
            public float* WeightsW;
            public float* X;
            public float* Y;
            public float* Scratch;
            public RowSplit Split;

            public void Run(int begin, int end, int worker)
            {
                float* row = Scratch + worker * (nint)K._threadFloats, cache = row + (nint)ShapeMath.RoundUp(K._w.In + 1, 16);
                int slots = K._tapsH.Count;
                long* tags = stackalloc long[slots <= 64 ? slots : 1];
                for (long item = Split.Begin(begin); item < Split.End(end); item++)
                {
                    (long plane, long group) = Math.DivRem(item, K._groups);
                    float* x = X + (nint)(plane * K._h.In * K._w.In), y = Y + (nint)(plane * K._h.Out * K._w.Out);
                    new Span<long>(tags, slots <= 64 ? slots : 1).Fill(-1);
                    long last = Math.Min(K._h.Out, (group + 1) * RowsOfItem);
                    for (long o = group * RowsOfItem; o < last; o++)
                    {
                        float* target = y + (nint)(o * K._w.Out);
                        if (K._tapsH.Outside is { } outside && outside[o])
                            new Span<float>(target, (int)K._w.Out).Fill(K._outside);
                        else if (K._rowsFirst && slots <= 64)
                            CombineResampled(x, o, row, cache, tags, target);
                        else
                            ResampleCombined(x, o, row, target);
                    }
                }
            }

            private readonly void CombineResampled(float* x, long o, float* row, float* cache, long* tags, float* target)
            {
                int slots = K._tapsH.Count;
                nint stride = (nint)ShapeMath.RoundUp(K._w.Out, 16);
                bool first = true;
                for (long t = o * slots; t < (o + 1) * slots && K._tapsH.Indices[t] < K._h.In; t++)
                {
                    int source = K._tapsH.Indices[t], slot = source % slots;
                    float* resampled = cache + slot * stride;
                    if (tags[slot] != source)
                    {
                        CopyRow(x + source * (nint)K._w.In, row);
                        Resample(row, resampled);
                        tags[slot] = source;
                    }
                    AddScaled(resampled, K._weightsH[t], target, K._w.Out, first);
                    first = false;
                }
                if (first)
                    new Span<float>(target, (int)K._w.Out).Clear();
                FillOutside(target);
            }

            private readonly void ResampleCombined(float* x, long o, float* row, float* target)
            {
                int slots = K._tapsH.Count;
                bool first = true;
                for (long t = o * slots; t < (o + 1) * slots && K._tapsH.Indices[t] < K._h.In; t++)
                {
                    AddScaled(x + K._tapsH.Indices[t] * (nint)K._w.In, K._weightsH[t], row, K._w.In, first);
                    first = false;
                }
                if (first)
                    new Span<float>(row, (int)K._w.In).Clear();
                row[(nint)K._w.In] = 0;
                Resample(row, target);
                FillOutside(target);
            }

            private readonly void CopyRow(float* x, float* row)
            {
                Buffer.MemoryCopy(x, row, K._w.In * sizeof(float), K._w.In * sizeof(float));
                row[(nint)K._w.In] = 0;
            }

            private readonly void FillOutside(float* target)
            {
                if (K._tapsW.Outside is not { } outside)
                    return;
                for (int o = 0; o < outside.Length; o++)
                    if (outside[o])
                        target[o] = K._outside;
            }

            private readonly void Resample(float* row, float* y)
            {
                nint count = (nint)K._w.Out;
                int* index = IndicesW;
                float* weight = WeightsW;
                int taps = K._tapsW.Count;
                if (taps == 2)
                    for (nint o = 0; o < count; o++)
                        y[o] = row[index[2 * o]] * weight[2 * o] + row[index[2 * o + 1]] * weight[2 * o + 1];
                else if (taps == 4)
                    for (nint o = 0; o < count; o++, index += 4, weight += 4)
                        y[o] = row[index[0]] * weight[0] + row[index[1]] * weight[1] + (row[index[2]] * weight[2] + row[index[3]] * weight[3]);
                else
                    for (nint o = 0; o < count; o++, index += taps, weight += taps)
                    {
                        float sum = row[index[0]] * weight[0];
                        for (int t = 1; t < taps; t++)
                            sum += row[index[t]] * weight[t];
                        y[o] = sum;
                    }
            }

            // y = w x, or y + w x.
            private static void AddScaled(float* x, float w, float* y, long count, bool first)
            {
                V weight = S.Create(w);
                nint n = (nint)count, i = 0;
                for (; i + S.Lanes <= n; i += S.Lanes)
                    S.Store(first ? S.Mul(weight, S.Load(x + i)) : S.MulAdd(weight, S.Load(x + i), S.Load(y + i)), y + i);
                if (i == n)
                    return;
                int rest = (int)(n - i);
                V tail = S.LoadPartial(x + i, rest);
                S.StorePartial(first ? S.Mul(weight, tail) : S.MulAdd(weight, tail, S.LoadPartial(y + i, rest)), y + i, rest);
            }
        }
    }
}
