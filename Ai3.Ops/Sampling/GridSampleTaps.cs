using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Samples by a grid: the input samples and weights of an output position are found once and serve all channels. At most 4 samples along an axis,
/// 64 in all; sums in double. Integers are truncated, after 2^-20 of rounding has been taken off.
/// </summary>
internal static unsafe class GridSampleTaps
{
    private const int MostTaps = 64;

    public static Applicability Supports(GridSampleProblem p, Target target) =>
        ElementTypes.Supports(p.Type)
            .And(Applicability.If(p.GridType.IsFloat(), $"the grid is {p.GridType.ShortName()}, needs a float type"))
            .And(Applicability.If(p.In.Length <= 3, $"{p.In.Length} spatial axes, takes 3"))
            .And(Applicability.If(p.In.All(d => d > 0 && d < 1L << 40) || p.Outputs[0].Shape.Count == 0, "an axis is empty or longer than 2^40"));

    public static double CostHint(Request<GridSampleProblem> r)
    {
        double positions = r.Problem.N * r.Problem.Out.Aggregate(1.0, (n, d) => n * d);
        return 200 + positions * (10 * r.Problem.In.Length + r.Problem.Taps * (2 + 0.8 * r.Problem.C)) / r.Target.Threads;
    }

    public static ErrorBound Error(GridSampleProblem p, Target target) => ErrorBound.Relative(p.Type == DType.Float64 ? 8 * p.Taps + 64 : 2);

    public static PreparedKernel Bind(Request<GridSampleProblem> r, PackedConstants? packed) =>
        ElementTypes.Select<Binder, PreparedKernel>(r.Problem.Type, new Binder(r.Problem));

    private readonly struct Binder(GridSampleProblem p) : IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<E>() where E : struct, IElement => new Kernel<E>(p);
    }

    private sealed class Kernel<E>(GridSampleProblem p) : PreparedKernel where E : struct, IElement
    {
        private readonly long[] _in = [.. p.In];
        private readonly long _plane = p.In.Aggregate(1L, (n, d) => n * d);
        private readonly long _positions = p.Out.Aggregate(1L, (n, d) => n * d);
        private readonly bool _integers = p.Type.IsInteger();

        public override void Run(in KernelArgs args)
        {
            if (_positions == 0 || p.C == 0)
                return;
            var body = new Body
            {
                K = this,
                P = p,
                X = (void*)args.Inputs[0],
                Grid = (void*)args.Inputs[1],
                Y = (void*)args.Outputs[0],
                Split = new RowSplit(p.N * _positions),
            };
            args.Workers.For(body.Split.Items, ref body);
        }

        private struct Body : IParallelBody
        {
            public Kernel<E> K;
            public GridSampleProblem P;
            public void* X;
            public void* Grid;
            public void* Y;
            public RowSplit Split;

            public void Run(int begin, int end, int worker)
            {
                long* offsets = stackalloc long[MostTaps];
                double* weights = stackalloc double[MostTaps];
                int rank = K._in.Length;
                for (long at = Split.Begin(begin); at < Split.End(end); at++)
                {
                    (long n, long position) = Math.DivRem(at, K._positions);
                    int count = 1;
                    bool lost = false;
                    (offsets[0], weights[0]) = (0, 1);
                    for (int axis = 0; axis < rank; axis++)
                    {
                        double x = Place(ElementAccess.Read(Grid, P.GridType, at * rank + rank - 1 - axis), K._in[axis]);
                        lost |= double.IsNaN(x);
                        if (!lost)
                            count = Extend(offsets, weights, count, K._in[axis], x);
                    }
                    if (lost)
                        (count, offsets[0], weights[0]) = (1, 0, double.NaN);
                    for (long c = 0; c < P.C; c++)
                    {
                        nint source = (nint)((n * P.C + c) * K._plane);
                        double sum = count == 1 && weights[0] == 1 ? E.Load(X, source + (nint)offsets[0]) : 0;
                        if (count != 1 || weights[0] != 1)
                            for (int t = 0; t < count; t++)
                                sum += weights[t] * E.Load(X, source + (nint)offsets[t]);
                        E.Store(Y, (nint)((n * P.C + c) * K._positions + position), K._integers ? Math.Round(sum * (1 << 20)) / (1 << 20) : sum);
                    }
                }
            }

            private readonly double Place(double coordinate, long length)
            {
                double x = P.AlignCorners ? (coordinate + 1) / 2 * (length - 1) : ((coordinate + 1) * length - 1) / 2;
                return Inside(P.Mode == ResizeMode.Nearest ? Math.Round((float)x, MidpointRounding.ToEven) : x, length);
            }

            // The taps of the axes so far, each with those of one more axis; taps of weight 0 and outside the input fall away.
            private readonly int Extend(long* offsets, double* weights, int count, long length, double x)
            {
                double below = Math.Floor(x), ratio = x - below;
                double* own = stackalloc double[4];
                int first = Weigh(ratio, own, out int taps);
                long* indices = stackalloc long[4];
                int kept = 0;
                for (int t = 0; t < taps; t++)
                {
                    long index = Index((long)below + first + t, length);
                    if (index >= 0 && own[t] != 0)
                        (indices[kept], own[kept++]) = (index, own[t]);
                }
                for (int t = count - 1; t >= 0; t--)
                    for (int k = kept - 1; k >= 0; k--)
                        (offsets[t * kept + k], weights[t * kept + k]) = (offsets[t] * length + indices[k], weights[t] * own[k]);
                return count * kept;
            }

            private readonly int Weigh(double ratio, double* weights, out int taps)
            {
                const double A = -0.75;
                switch (P.Mode)
                {
                    case ResizeMode.Nearest:
                        (taps, weights[0]) = (1, 1);
                        return 0;
                    case ResizeMode.Linear:
                        (taps, weights[0], weights[1]) = (2, 1 - ratio, ratio);
                        return 0;
                    default:
                        taps = 4;
                        double far = 1 + ratio, next = 1 - ratio, last = 2 - ratio;
                        weights[0] = ((A * far - 5 * A) * far + 8 * A) * far - 4 * A;
                        weights[1] = ((A + 2) * ratio - (A + 3)) * ratio * ratio + 1;
                        weights[2] = ((A + 2) * next - (A + 3)) * next * next + 1;
                        weights[3] = ((A * last - 5 * A) * last + 8 * A) * last - 4 * A;
                        return -1;
                }
            }

            // The position by the padding mode; far outside, a few samples from the input are as good.
            private readonly double Inside(double x, long length)
            {
                double low = P.AlignCorners ? 0 : -0.5, high = P.AlignCorners ? length - 1 : length - 0.5;
                if (double.IsNaN(x) || x >= low && x <= high)
                    return x;
                return P.Padding switch
                {
                    GridPadding.Zeros => Math.Clamp(x, -8.0, length + 8.0),
                    GridPadding.Border => Math.Clamp(x, 0.0, length - 1.0),
                    _ => Reflect(x, low, high),
                };
            }

            private static double Reflect(double x, double low, double high)
            {
                double range = high - low;
                if (range <= 0)
                    return low;
                double away = x < low ? low - x : x - high, turns = Math.Floor(away / range), rest = away - turns * range;
                bool even = turns % 2 == 0;
                return x < low == even ? low + rest : high - rest;
            }

            // The sample that stands for a neighbour; -1 for zero.
            private readonly long Index(long i, long length)
            {
                if (i >= 0 && i < length)
                    return i;
                if (P.Padding == GridPadding.Zeros)
                    return -1;
                if (P.Padding == GridPadding.Reflection)
                    i = (long)Reflect(i, P.AlignCorners ? 0 : -0.5, P.AlignCorners ? length - 1 : length - 0.5);
                return Math.Clamp(i, 0, length - 1);
            }
        }
    }
}
