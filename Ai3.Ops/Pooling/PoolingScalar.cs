using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Pools planes of any element type window by window, in double; also gives the indices of maxima.</summary>
/// <remarks>x [planes, inD, inH, inW], y and indices [planes, outD, outH, outW].</remarks>
internal static unsafe class PoolingScalar
{
    public static Applicability Supports(PoolingProblem p, Target target) => ElementTypes.Supports(p.Type).And(PoolingGeometry.Supports(p));

    public static double CostHint(Request<PoolingProblem> r)
    {
        PoolingGeometry g = PoolingGeometry.Of(r.Problem);
        double taps = (double)Math.Min(g.D.In, g.D.Kernel) * Math.Min(g.H.In, g.H.Kernel) * Math.Min(g.W.In, g.W.Kernel);
        return g.Planes * (double)g.OutPlane * (taps * (r.Problem.Kind == PoolKind.Lp && r.Problem.Exponent is not (1 or 2) ? 20 : 2) + 25) / r.Target.Threads;
    }

    public static ErrorBound Error(PoolingProblem p, Target target) => p.Kind switch
    {
        PoolKind.Max => ErrorBound.Exact,
        PoolKind.Average => ErrorBound.Ulp(1),
        // Powers and the root are within a unit in the last place of double.
        _ => ErrorBound.Relative(p.Axes.Aggregate(1.0, (taps, a) => taps * Math.Min(a.In, a.Kernel)) + 4),
    };

    public static PreparedKernel Bind(Request<PoolingProblem> r, PackedConstants? packed) =>
        ElementTypes.Select<Binder, PreparedKernel>(r.Problem.Type, new Binder(r.Problem));

    private readonly struct Binder(PoolingProblem p) : IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<E>() where E : struct, IElement => new Kernel<E>(p);
    }

    private sealed class Kernel<E>(PoolingProblem p) : PreparedKernel where E : struct, IElement
    {
        private readonly PoolingGeometry _g = PoolingGeometry.Of(p);

        public override void Run(in KernelArgs args)
        {
            var body = new Body<E>
            {
                G = _g,
                Kind = p.Kind,
                CountPadding = p.CountsPadding,
                ColumnMajor = p.ColumnMajor,
                Exponent = p.Exponent,
                Lowest = p.Type switch { DType.Int8 => sbyte.MinValue, DType.UInt8 => 0, _ => double.NegativeInfinity },
                X = (void*)args.Inputs[0],
                Y = (void*)args.Outputs[0],
                Indices = p.Indices ? (long*)args.Outputs[1] : null,
                Split = new RowSplit(_g.Planes * _g.D.Out * _g.H.Out),
            };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    /// <summary>The taps of one window on the input: ranges along each axis.</summary>
    private readonly ref struct Taps(PoolingGeometry g, long od, long oh, long ow)
    {
        public readonly long D = g.D.FirstTap(od), EndD = g.D.EndTap(od), H = g.H.FirstTap(oh), EndH = g.H.EndTap(oh), W = g.W.FirstTap(ow), EndW = g.W.EndTap(ow);

        public double Count => (double)Math.Max(0, EndD - D) * Math.Max(0, EndH - H) * Math.Max(0, EndW - W);
    }

    private struct Body<E> : IParallelBody where E : struct, IElement
    {
        public PoolingGeometry G;
        public PoolKind Kind;
        public bool CountPadding;
        public bool ColumnMajor;
        public float Exponent;
        public double Lowest;
        public void* X;
        public void* Y;
        public long* Indices;
        public RowSplit Split;

        public void Run(int begin, int end, int worker)
        {
            for (long row = Split.Begin(begin); row < Split.End(end); row++)
            {
                long oh = row % G.H.Out, od = row / G.H.Out % G.D.Out, plane = row / G.H.Out / G.D.Out;
                for (long ow = 0; ow < G.W.Out; ow++)
                {
                    var taps = new Taps(G, od, oh, ow);
                    nint at = (nint)(row * G.W.Out + ow);
                    if (Kind == PoolKind.Max)
                        Max(taps, plane, od, oh, ow, at);
                    else if (Kind == PoolKind.Average)
                        E.Store(Y, at, Sum(taps, plane, od, oh, ow)
                            / (CountPadding ? (double)G.D.PaddedTaps(od) * G.H.PaddedTaps(oh) * G.W.PaddedTaps(ow) : taps.Count));
                    else
                        E.Store(Y, at, Root(Sum(taps, plane, od, oh, ow)));
                }
            }
        }

        private readonly void Max(in Taps taps, long plane, long od, long oh, long ow, nint at)
        {
            double largest = Lowest;
            nint first = -1, start = (nint)(plane * G.InPlane), step = (nint)G.W.Dilation;
            for (long d = taps.D; d < taps.EndD; d++)
                for (long h = taps.H; h < taps.EndH; h++)
                {
                    nint i = start + Position(od, oh, ow, d, h, taps.W);
                    for (long w = taps.W; w < taps.EndW; w++, i += step)
                    {
                        double x = E.Load(X, i);
                        if (first >= 0 && !(x > largest) && !(double.IsNaN(x) && !double.IsNaN(largest)))
                            continue;
                        (largest, first) = (x, i);
                    }
                }
            E.Store(Y, at, largest);
            if (Indices == null)
                return;
            long index = Math.Max(first - start, 0);
            Indices[at] = start + (ColumnMajor && index > 0 ? Transposed(index) : index);
        }

        private readonly double Sum(in Taps taps, long plane, long od, long oh, long ow)
        {
            double sum = 0;
            nint start = (nint)(plane * G.InPlane), step = (nint)G.W.Dilation;
            for (long d = taps.D; d < taps.EndD; d++)
                for (long h = taps.H; h < taps.EndH; h++)
                {
                    nint i = start + Position(od, oh, ow, d, h, taps.W);
                    for (long w = taps.W; w < taps.EndW; w++, i += step)
                        sum += Kind == PoolKind.Average ? E.Load(X, i) : Power(E.Load(X, i));
                }
            return sum;
        }

        private readonly nint Position(long od, long oh, long ow, long d, long h, long w) =>
            (nint)(((G.D.Start(od) + d * G.D.Dilation) * G.H.In + G.H.Start(oh) + h * G.H.Dilation) * G.W.In + G.W.Start(ow) + w * G.W.Dilation);

        // The index that counts D fastest, then H, then W.
        private readonly long Transposed(long i) =>
            i / (G.H.In * G.W.In) + G.D.In * (i / G.W.In % G.H.In + G.H.In * (i % G.W.In));

        private readonly double Power(double x) => Exponent == 1 ? Math.Abs(x) : Exponent == 2 ? x * x : Math.Pow(Math.Abs(x), Exponent);

        private readonly double Root(double sum) => Exponent == 1 ? sum : Exponent == 2 ? Math.Sqrt(sum) : Math.Pow(sum, 1.0 / Exponent);
    }
}
