namespace Ai3.Ops;

/// <summary>The transposed convolution of any element type in double, each output gathered by itself.</summary>
internal static unsafe class ConvTransposeScalar
{
    public static Applicability Supports(ConvTransposeProblem p, Target target) => Applicability.If(p.Axes.Length <= 3, $"{p.Axes.Length} spatial axes, takes 3");

    public static double CostHint(Request<ConvTransposeProblem> r) => 100 + (r.Problem.Flops * 2 + r.Problem.Outputs[0].Shape.Count * 20.0) / r.Target.Threads;

    public static PreparedKernel Bind(Request<ConvTransposeProblem> r, PackedConstants? packed) =>
        ElementTypes.Select<Binder, PreparedKernel>(r.Problem.Type, new Binder(r.Problem));

    private readonly struct Binder(ConvTransposeProblem p) : IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<E>() where E : struct, IElement => new Kernel<E>(p);
    }

    private sealed class Kernel<E> : PreparedKernel where E : struct, IElement
    {
        private readonly ConvTransposeProblem _problem;
        private readonly WindowAxis _d, _h, _w;

        public Kernel(ConvTransposeProblem p)
        {
            _problem = p;
            WindowAxis[] axes = [.. Enumerable.Repeat(WindowAxis.One, 3 - p.Axes.Length), .. p.Axes];
            (_d, _h, _w) = (axes[0], axes[1], axes[2]);
        }

        public override void Run(in KernelArgs args)
        {
            var body = new Body<E>
            {
                M = _problem.M,
                GroupC = (nint)_problem.GroupC,
                GroupM = (nint)_problem.GroupM,
                D = _d,
                H = _h,
                W = _w,
                X = (void*)args.Inputs[0],
                Weights = (void*)args.Inputs[1],
                Bias = (void*)args.Inputs[2],
                Y = (void*)args.Outputs[0],
                Split = new RowSplit(_problem.N * _problem.M * _d.Out * _h.Out),
            };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    private struct Body<E> : IParallelBody where E : struct, IElement
    {
        public long M;
        public nint GroupC;
        public nint GroupM;
        public WindowAxis D;
        public WindowAxis H;
        public WindowAxis W;
        public void* X;
        public void* Weights;
        public void* Bias;
        public void* Y;
        public RowSplit Split;

        public void Run(int begin, int end, int worker)
        {
            for (long row = Split.Begin(begin); row < Split.End(end); row++)
            {
                long oh = row % H.Out, od = row / H.Out % D.Out, plane = row / H.Out / D.Out;
                nint m = (nint)(plane % M), n = (nint)(plane / M);
                double start = Bias == null ? 0 : E.Load(Bias, m);
                for (long ow = 0; ow < W.Out; ow++)
                    E.Store(Y, (nint)(row * W.Out + ow), Gather(n, m, od, oh, ow, start));
            }
        }

        private readonly double Gather(nint n, nint m, long od, long oh, long ow, double sum)
        {
            nint firstC = m / GroupM * GroupC, plane = (nint)(D.In * H.In * W.In), taps = (nint)(D.Kernel * H.Kernel * W.Kernel);
            nint channels = (nint)(M / GroupM) * GroupC;
            for (nint kd = 0; kd < (nint)D.Kernel; kd++)
                for (nint kh = 0; kh < (nint)H.Kernel; kh++)
                    for (nint kw = 0; kw < (nint)W.Kernel; kw++)
                    {
                        nint d = ConvTransposeGeometry.Source(D, od, kd), h = ConvTransposeGeometry.Source(H, oh, kh), w = ConvTransposeGeometry.Source(W, ow, kw);
                        if (d < 0 || h < 0 || w < 0)
                            continue;
                        nint at = (d * (nint)H.In + h) * (nint)W.In + w, tap = (kd * (nint)H.Kernel + kh) * (nint)W.Kernel + kw;
                        for (nint c = firstC; c < firstC + GroupC; c++)
                            sum += E.Load(X, (n * channels + c) * plane + at) * E.Load(Weights, (c * GroupM + m % GroupM) * taps + tap);
                    }
            return sum;
        }
    }
}
