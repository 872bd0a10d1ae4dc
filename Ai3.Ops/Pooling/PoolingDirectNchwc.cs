using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Pools NCHWc, one vector of channels a pixel; four outputs at a time where their windows lie within the row.</summary>
/// <remarks>
/// x [n, C/c, inD, inH, inW, c], y [n, C/c, outD, outH, outW, c], float32. Only taps on the input are visited, so padding lanes give the
/// pool of zeros, 0, as long as no window is all padding. Zhang et al. 2018, arXiv:1809.10170, for the layout.
/// </remarks>
internal static unsafe class PoolingDirectNchwc
{
    public static Applicability Supports(PoolingProblem p, Target target)
    {
        Applicability verdict = PoolSteps.Supports(p).And(PoolingGeometry.Supports(p));
        if (!verdict.IsYes)
            return verdict;
        PoolingGeometry g = PoolingGeometry.Of(p);
        return Applicability.If(g.D.IsNeverEmpty && g.H.IsNeverEmpty && g.W.IsNeverEmpty, "a window may be all padding");
    }

    public static ImmutableArray<FormatChoice> Formats(PoolingProblem p, Target target) =>
        [FormatChoice.Uniform(Format.Blocked(target.ChannelBlock), 1)];

    public static double CostHint(Request<PoolingProblem> r)
    {
        PoolingGeometry g = PoolingGeometry.Of(r.Problem);
        double vectors = r.Problem.N * (double)ShapeMath.RoundUp(r.Problem.C, r.Target.ChannelBlock) / r.Target.Lanes * g.OutPlane;
        double taps = (double)Math.Min(g.D.In, g.D.Kernel) * Math.Min(g.H.In, g.H.Kernel) * Math.Min(g.W.In, g.W.Kernel);
        return (vectors * (taps * 0.45 + 3) + r.Problem.Traffic / r.Target.BytesPerNanosecond / 4) / r.Target.Threads;
    }

    public static ErrorBound Error(PoolingProblem p, Target target) =>
        p.Kind == PoolKind.Max ? ErrorBound.Exact : ErrorBound.PerElement(p.Axes.Aggregate(1.0, (taps, a) => taps * Math.Min(a.In, a.Kernel)) + 2);

    public static PreparedKernel Bind(Request<PoolingProblem> r, PackedConstants? packed) =>
        PoolSteps.Select(r.Problem.Kind, r.Target.Isa, new Binder(r.Problem, r.Target.ChannelBlock));

    private readonly struct Binder(PoolingProblem p, int block) : IPoolFunc
    {
        public PreparedKernel Create<S, V, P>() where S : struct, ISimd<V> where V : unmanaged where P : struct, IPoolStep =>
            new Kernel<S, V, P>(PoolingGeometry.Of(p) with { Planes = p.N * ShapeMath.CeilDiv(p.C, block) }, block, p.Kind == PoolKind.Average, p.CountsPadding);
    }

    private sealed class Kernel<S, V, P>(PoolingGeometry g, int block, bool average, bool countPadding) : PreparedKernel
        where S : struct, ISimd<V> where V : unmanaged where P : struct, IPoolStep
    {
        public override void Run(in KernelArgs args)
        {
            var body = new Body<S, V, P>
            {
                G = g,
                Block = block,
                Average = average,
                CountPadding = countPadding,
                X = (float*)args.Inputs[0],
                Y = (float*)args.Outputs[0],
                Split = new RowSplit(g.Planes * g.D.Out * g.H.Out),
            };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    private struct Body<S, V, P> : IParallelBody where S : struct, ISimd<V> where V : unmanaged where P : struct, IPoolStep
    {
        public PoolingGeometry G;
        public nint Block;
        public bool Average;
        public bool CountPadding;
        public float* X;
        public float* Y;
        public RowSplit Split;

        public void Run(int begin, int end, int worker)
        {
            // Outputs whose windows lie within the row: [inner, innerEnd).
            WindowAxis w = G.W;
            long inner = Math.Min(w.Out, (w.PadBegin + w.Stride - 1) / w.Stride);
            long room = w.In - w.Extent + w.PadBegin;
            long innerEnd = room < 0 ? inner : Math.Clamp(room / w.Stride + 1, inner, w.Out);
            nint stepH = (nint)(G.H.Dilation * w.In) * Block, stepD = (nint)(G.D.Dilation * G.H.In * w.In) * Block;
            for (long row = Split.Begin(begin); row < Split.End(end); row++)
            {
                long oh = row % G.H.Out, od = row / G.H.Out % G.D.Out, plane = row / G.H.Out / G.D.Out;
                nint firstD = (nint)G.D.FirstTap(od), firstH = (nint)G.H.FirstTap(oh);
                var lines = new Lines((nint)G.D.EndTap(od) - firstD, stepD, (nint)G.H.EndTap(oh) - firstH, stepH);
                float area = CountPadding ? (float)G.D.PaddedTaps(od) * G.H.PaddedTaps(oh) : (float)lines.CountD * lines.CountH;
                nint line = (nint)((G.D.Start(od) * G.H.In + G.H.Start(oh)) * w.In) * Block + firstD * stepD + firstH * stepH;
                float* x = X + (nint)(plane * G.InPlane) * Block + line;
                float* y = Y + (nint)(row * w.Out) * Block;
                for (nint lane = 0; lane < Block; lane += S.Lanes)
                {
                    for (long o = 0; o < inner; o++)
                        One(x + lane, y + lane, lines, area, o);
                    long next = inner;
                    for (; next + 4 <= innerEnd; next += 4)
                        Four(x + lane, y + lane, lines, area, next);
                    for (; next < w.Out; next++)
                        One(x + lane, y + lane, lines, area, next);
                }
            }
        }

        // One output of a row; x is the row's first line of input, at column 0.
        private readonly void One(float* x, float* y, Lines lines, float area, long ow)
        {
            nint stepW = (nint)G.W.Dilation * Block, firstW = (nint)G.W.FirstTap(ow), countW = (nint)G.W.EndTap(ow) - firstW;
            x += (nint)G.W.Start(ow) * Block + firstW * stepW;
            V a = S.Create(P.Initial);
            for (nint d = 0; d < lines.CountD; d++, x += lines.StepD)
            {
                float* atH = x;
                for (nint h = 0; h < lines.CountH; h++, atH += lines.StepH)
                {
                    float* p = atH;
                    for (nint k = 0; k < countW; k++, p += stepW)
                        a = P.Add<S, V>(a, S.Load(p));
                }
            }
            S.Store(Average ? S.Div(a, S.Create(area * (CountPadding ? G.W.PaddedTaps(ow) : countW))) : a, y + (nint)ow * Block);
        }

        private readonly void Four(float* x, float* y, Lines lines, float area, long ow)
        {
            nint stepW = (nint)G.W.Dilation * Block, countW = (nint)G.W.Kernel, stride = (nint)G.W.Stride * Block;
            x += (nint)G.W.Start(ow) * Block;
            V a0 = S.Create(P.Initial), a1 = a0, a2 = a0, a3 = a0;
            for (nint d = 0; d < lines.CountD; d++, x += lines.StepD)
            {
                float* atH = x;
                for (nint h = 0; h < lines.CountH; h++, atH += lines.StepH)
                {
                    float* p = atH;
                    for (nint k = 0; k < countW; k++, p += stepW)
                    {
                        a0 = P.Add<S, V>(a0, S.Load(p));
                        a1 = P.Add<S, V>(a1, S.Load(p + stride));
                        a2 = P.Add<S, V>(a2, S.Load(p + 2 * stride));
                        a3 = P.Add<S, V>(a3, S.Load(p + 3 * stride));
                    }
                }
            }
            y += (nint)ow * Block;
            if (Average)
            {
                V count = S.Create(area * countW);
                a0 = S.Div(a0, count);
                a1 = S.Div(a1, count);
                a2 = S.Div(a2, count);
                a3 = S.Div(a3, count);
            }
            S.Store(a0, y);
            S.Store(a1, y + Block);
            S.Store(a2, y + 2 * Block);
            S.Store(a3, y + 3 * Block);
        }
    }

    /// <summary>The lines of input along W that an output row takes: how many, and elements from one to the next.</summary>
    private readonly record struct Lines(nint CountD, nint StepD, nint CountH, nint StepH);
}
