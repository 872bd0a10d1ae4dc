using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>The ways to compute MaxRoiPool.</summary>
internal static unsafe class MaxRoiPool
{
    // Coordinates beyond this are no part of any map.
    private const double Limit = 1 << 30;

    public static readonly ImmutableArray<Algorithm<MaxRoiPoolProblem>> Rows =
    [
        new()
        {
            Name = "direct",
            Source = "Girshick 2015, arXiv:1504.08083",
            Supports = static (p, _) => ElementTypes.Supports(p.Type),
            CostHint = static r => 100 + r.Problem.Rois * r.Problem.C * (r.Problem.H * r.Problem.W * 0.5 + r.Problem.OutH * r.Problem.OutW * 5.0) / r.Target.Threads,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => ElementTypes.Select<Binder, PreparedKernel>(r.Problem.Type, new Binder(r.Problem)),
        },
        ReferenceAlgorithm.Of<MaxRoiPoolProblem>(Evaluate),
    ];

    public static OracleResult Evaluate(MaxRoiPoolProblem p, IReadOnlyList<double[]?> inputs)
    {
        double[] x = inputs[0]!, rois = inputs[1]!, y = new double[p.Outputs[0].Shape.Count];
        for (long i = 0; i < y.Length; i++)
        {
            long ow = i % p.OutW, oh = i / p.OutW % p.OutH, c = i / p.OutW / p.OutH % p.C, r = i / p.OutW / p.OutH / p.C;
            double image = rois[5 * r];
            if (!(image >= 0 && image < p.N))
                throw new OpException($"a roi names image {image}, must be between 0 and {p.N - 1}");
            double x1 = Whole(rois[5 * r + 1] * p.Scale), y1 = Whole(rois[5 * r + 2] * p.Scale), x2 = Whole(rois[5 * r + 3] * p.Scale), y2 = Whole(rois[5 * r + 4] * p.Scale);
            double height = Math.Max(1, y2 - y1 + 1), width = Math.Max(1, x2 - x1 + 1);
            double top = Math.Clamp(Math.Floor(oh * height / p.OutH) + y1, 0, p.H), bottom = Math.Clamp(Math.Ceiling((oh + 1) * height / p.OutH) + y1, 0, p.H);
            double left = Math.Clamp(Math.Floor(ow * width / p.OutW) + x1, 0, p.W), right = Math.Clamp(Math.Ceiling((ow + 1) * width / p.OutW) + x1, 0, p.W);
            double largest = bottom > top && right > left ? double.NegativeInfinity : 0;
            for (double a = top; a < bottom; a++)
                for (double b = left; b < right; b++)
                {
                    double v = x[(((long)image * p.C + c) * p.H + (long)a) * p.W + (long)b];
                    if (v > largest || double.IsNaN(v))
                        largest = double.IsNaN(largest) ? largest : v;
                }
            y[i] = largest;
        }
        return OracleResult.Of(y);
    }

    private static double Whole(double v) => double.IsNaN(v) ? 0 : Math.Clamp(Math.Round(v, MidpointRounding.AwayFromZero), -Limit, Limit);

    private readonly struct Binder(MaxRoiPoolProblem p) : IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<E>() where E : struct, IElement => new Kernel<E>(p);
    }

    private sealed class Kernel<E>(MaxRoiPoolProblem p) : PreparedKernel where E : struct, IElement
    {
        public override void Run(in KernelArgs args)
        {
            for (nint r = 0; r < p.Rois && p.C > 0; r++)
                if (E.Load((void*)args.Inputs[1], 5 * r) is var image && !(image >= 0 && image < p.N))
                    throw new OpException($"a roi names image {image}, must be between 0 and {p.N - 1}");
            var body = new Body<E> { P = p, X = (void*)args.Inputs[0], Rois = (void*)args.Inputs[1], Y = (void*)args.Outputs[0], Split = new RowSplit(p.Rois) };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    private struct Body<E> : IParallelBody where E : struct, IElement
    {
        public MaxRoiPoolProblem P;
        public void* X;
        public void* Rois;
        public void* Y;
        public RowSplit Split;

        public readonly void Run(int begin, int end, int worker)
        {
            for (long roi = Split.Begin(begin); roi < Split.End(end); roi++)
            {
                nint at = (nint)roi * 5;
                var image = (long)E.Load(Rois, at);
                (double left, double width) = Side(E.Load(Rois, at + 1), E.Load(Rois, at + 3));
                (double top, double height) = Side(E.Load(Rois, at + 2), E.Load(Rois, at + 4));
                for (long c = 0; c < P.C; c++)
                    for (long oh = 0; oh < P.OutH; oh++)
                    {
                        (long first, long last) = Bin(top, height, oh, P.OutH, P.H);
                        for (long ow = 0; ow < P.OutW; ow++)
                        {
                            (long firstColumn, long lastColumn) = Bin(left, width, ow, P.OutW, P.W);
                            E.Store(Y, (nint)(((roi * P.C + c) * P.OutH + oh) * P.OutW + ow), Largest(image * P.C + c, first, last, firstColumn, lastColumn));
                        }
                    }
            }
        }

        private readonly (double Start, double Length) Side(double begin, double end)
        {
            double start = Whole(begin * P.Scale);
            return (start, Math.Max(1, Whole(end * P.Scale) - start + 1));
        }

        private static (long First, long End) Bin(double start, double length, long bin, long bins, long limit) =>
            ((long)Math.Clamp(start + Math.Floor(bin * length / bins), 0, limit), (long)Math.Clamp(start + Math.Ceiling((bin + 1) * length / bins), 0, limit));

        private readonly double Largest(long plane, long first, long end, long firstColumn, long endColumn)
        {
            if (first >= end || firstColumn >= endColumn)
                return 0;
            double largest = double.NegativeInfinity;
            for (long i = first; i < end; i++)
            {
                nint line = (nint)((plane * P.H + i) * P.W);
                for (long j = firstColumn; j < endColumn; j++)
                    if (E.Load(X, line + (nint)j) is var v && (v > largest || double.IsNaN(v) && !double.IsNaN(largest)))
                        largest = v;
            }
            return largest;
        }
    }
}
