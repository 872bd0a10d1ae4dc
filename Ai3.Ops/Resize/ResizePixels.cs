using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Linear and cubic resampling where vectors lie behind the resized axes: NCHWc and NHWC. An output pixel is the sum of input pixels, each times the
/// product of its weights.
/// </summary>
/// <remarks>x [outer, inH, inW, inner], y [outer, outH, outW, inner], float32; threads share output rows. Taps of weight 0 are not read.</remarks>
internal static unsafe class ResizePixels
{
    public static Applicability Supports(ResizeProblem p, Target target) =>
        Applicability.If(p.Type == DType.Float32, $"element type is {p.Type.ShortName()}, needs f32")
            .And(Applicability.If(p.Mode != ResizeMode.Nearest, "mode is nearest"))
            .And(ResizeLayout.FitsTables(p))
            .And(Applicability.If(p.Axes.Any(a => !a.IsIdentity), "no axis is resized"))
            .And(Applicability.If(Last(p) - First(p) <= 1, "the resized axes are more than two or not neighbours"))
            .And(Applicability.If(Formats(p, target).Length > 0, "the last axis is resized, and the layout has no channel blocks for it"));

    public static ImmutableArray<FormatChoice> Formats(ResizeProblem p, Target target) =>
        [.. ResizeLayout.Formats(p, target).Where(f => f != FormatChoice.Plain || p.Axes[^1].IsIdentity)];

    public static double CostHint(Request<ResizeProblem> r)
    {
        double taps = r.Problem.Axes.Aggregate(1.0, (n, a) => n * r.Problem.TapsOf(a)), elements = r.Problem.Outputs[0].Shape.Count;
        return 200 + elements * (taps * 0.5 + 1) / r.Target.Lanes / r.Target.Threads;
    }

    public static PreparedKernel Bind(Request<ResizeProblem> r, PackedConstants? packed) => Isa.Select<Binder, PreparedKernel>(r.Target.Isa, new Binder(r));

    private static int First(ResizeProblem p)
    {
        int i = 0;
        while (i < p.Axes.Length - 1 && p.Axes[i].IsIdentity)
            i++;
        return i;
    }

    private static int Last(ResizeProblem p)
    {
        int i = p.Axes.Length - 1;
        while (i > 0 && p.Axes[i].IsIdentity)
            i--;
        return i;
    }

    private readonly struct Binder(Request<ResizeProblem> r) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(r);
    }

    private sealed class Kernel<S, V> : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly ResizeAxis _h;
        private readonly ResizeAxis _w;
        private readonly ResizeTaps _tapsH;
        private readonly ResizeTaps _tapsW;
        private readonly float[] _weightsH;
        private readonly float[] _weightsW;
        private readonly long _outer;
        private readonly nint _inner;
        private readonly float _outside;

        public Kernel(Request<ResizeProblem> r)
        {
            ResizeProblem p = r.Problem;
            ImmutableArray<ResizeAxis> axes = ResizeLayout.Stored(p, r.Formats.Input(0));
            int last = Last(p), first = Math.Max(0, last - 1);
            _w = axes[last];
            _h = first < last ? axes[first] : new ResizeAxis(1, 1);
            _tapsH = ResizeTaps.Of(p, _h);
            _tapsW = ResizeTaps.Of(p, _w);
            (_weightsH, _weightsW) = (_tapsH.SingleWeights(), _tapsW.SingleWeights());
            _outer = axes[..first].Aggregate(1L, (n, a) => n * a.Out);
            _inner = (nint)axes[(last + 1)..].Aggregate(1L, (n, a) => n * a.Out);
            _outside = p.Extrapolation;
        }

        public override void Run(in KernelArgs args)
        {
            if (_inner == 0)
                return;
            var body = new Body { K = this, X = (float*)args.Inputs[0], Y = (float*)args.Outputs[0], Split = new RowSplit(_outer * _h.Out) };
            args.Workers.For(body.Split.Items, ref body);
        }

        private struct Body : IParallelBody
        {
            public Kernel<S, V> K;
            public float* X;
            public float* Y;
            public RowSplit Split;

            public void Run(int begin, int end, int worker)
            {
                nint inner = K._inner, rowIn = (nint)K._w.In * inner, rowOut = (nint)K._w.Out * inner;
                for (long row = Split.Begin(begin); row < Split.End(end); row++)
                {
                    (long plane, long oh) = Math.DivRem(row, K._h.Out);
                    float* x = X + (nint)(plane * K._h.In) * rowIn, y = Y + (nint)row * rowOut;
                    bool outsideH = K._tapsH.Outside is { } rows && rows[oh];
                    for (long ow = 0; ow < K._w.Out; ow++, y += inner)
                        if (outsideH || K._tapsW.Outside is { } columns && columns[ow])
                            new Span<float>(y, (int)inner).Fill(K._outside);
                        else
                            Pixel(x, rowIn, oh, ow, y);
                }
            }

            private readonly void Pixel(float* x, nint rowIn, long oh, long ow, float* y)
            {
                nint inner = K._inner, l = 0;
                for (; l + 4 * S.Lanes <= inner; l += 4 * S.Lanes)
                    Vectors4(x + l, rowIn, oh, ow, y + l);
                for (; l < inner; l += S.Lanes)
                    Vector(x + l, rowIn, oh, ow, y + l, (int)nint.Min(S.Lanes, inner - l));
            }

            private readonly void Vectors4(float* x, nint rowIn, long oh, long ow, float* y)
            {
                V s0 = S.Zero, s1 = S.Zero, s2 = S.Zero, s3 = S.Zero;
                int countH = K._tapsH.Count, countW = K._tapsW.Count;
                for (long h = oh * countH; h < (oh + 1) * countH && K._tapsH.Indices[h] < K._h.In; h++)
                    for (long w = ow * countW; w < (ow + 1) * countW && K._tapsW.Indices[w] < K._w.In; w++)
                    {
                        float* p = x + K._tapsH.Indices[h] * rowIn + K._tapsW.Indices[w] * K._inner;
                        V weight = S.Create(K._weightsH[h] * K._weightsW[w]);
                        s0 = S.MulAdd(weight, S.Load(p), s0);
                        s1 = S.MulAdd(weight, S.Load(p + S.Lanes), s1);
                        s2 = S.MulAdd(weight, S.Load(p + 2 * S.Lanes), s2);
                        s3 = S.MulAdd(weight, S.Load(p + 3 * S.Lanes), s3);
                    }
                S.Store(s0, y);
                S.Store(s1, y + S.Lanes);
                S.Store(s2, y + 2 * S.Lanes);
                S.Store(s3, y + 3 * S.Lanes);
            }

            private readonly void Vector(float* x, nint rowIn, long oh, long ow, float* y, int lanes)
            {
                V sum = S.Zero;
                int countH = K._tapsH.Count, countW = K._tapsW.Count;
                for (long h = oh * countH; h < (oh + 1) * countH && K._tapsH.Indices[h] < K._h.In; h++)
                    for (long w = ow * countW; w < (ow + 1) * countW && K._tapsW.Indices[w] < K._w.In; w++)
                    {
                        float* p = x + K._tapsH.Indices[h] * rowIn + K._tapsW.Indices[w] * K._inner;
                        V weight = S.Create(K._weightsH[h] * K._weightsW[w]);
                        sum = S.MulAdd(weight, lanes == S.Lanes ? S.Load(p) : S.LoadPartial(p, lanes), sum);
                    }
                if (lanes == S.Lanes)
                    S.Store(sum, y);
                else
                    S.StorePartial(sum, y, lanes);
            }
        }
    }
}
