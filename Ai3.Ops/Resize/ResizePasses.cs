using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Linear and cubic resampling one axis after the other, outermost first, in double: any number of axes and the usual element types.
/// </summary>
/// <remarks>
/// The leading axes that stay as they are make items, which threads share. Workspace of each thread: two buffers of doubles, each as large as
/// an item's largest intermediate result. Integers are truncated, after 2^-20 of rounding has been taken off.
/// </remarks>
internal static unsafe class ResizePasses
{
    public static Applicability Supports(ResizeProblem p, Target target) =>
        Applicability.If(p.Mode != ResizeMode.Nearest, "mode is nearest")
            .And(ElementTypes.Supports(p.Type))
            .And(ResizeLayout.FitsTables(p));

    public static long WorkspaceBytes(Request<ResizeProblem> r) => ShapeMath.Multiply(r.Target.Threads * 2L * sizeof(double), LargestItem(r.Problem));

    public static double CostHint(Request<ResizeProblem> r)
    {
        double size = r.Problem.Inputs[0].Shape.Count, cost = 1000;
        foreach (ResizeAxis axis in r.Problem.Axes)
            if (!axis.IsIdentity && axis.In > 0)
                cost += 3 * (size = size / axis.In * axis.Out) * r.Problem.TapsOf(axis);
        return cost / r.Target.Threads;
    }

    public static ErrorBound Error(ResizeProblem p, Target target) =>
        ErrorBound.Relative(p.Type == DType.Float64 ? p.Axes.Sum(a => a.IsIdentity ? 0 : 4 * (p.TapsOf(a) + 4)) + 16 : 2);

    public static PreparedKernel Bind(Request<ResizeProblem> r, PackedConstants? packed) =>
        ElementTypes.Select<Binder, PreparedKernel>(r.Problem.Type, new Binder(r.Problem));

    private static int Leading(ResizeProblem p)
    {
        int leading = 0;
        while (leading < p.Axes.Length && p.Axes[leading].IsIdentity)
            leading++;
        return leading;
    }

    private static long LargestItem(ResizeProblem p)
    {
        ReadOnlySpan<ResizeAxis> axes = p.Axes.AsSpan()[Leading(p)..];
        long largest = 1;
        for (int done = 0; done <= axes.Length; done++)
        {
            long size = 1;
            for (int i = 0; i < axes.Length; i++)
                size = ShapeMath.Multiply(size, i < done ? axes[i].Out : axes[i].In);
            largest = Math.Max(largest, size);
        }
        return largest;
    }

    private readonly struct Binder(ResizeProblem p) : IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<E>() where E : struct, IElement => new Kernel<E>(p);
    }

    private sealed class Kernel<E> : PreparedKernel where E : struct, IElement
    {
        private readonly ResizeAxis[] _axes;
        private readonly ResizeTaps?[] _taps;
        private readonly long _items;
        private readonly long _itemIn;
        private readonly long _itemOut;
        private readonly long _buffer;
        private readonly double _outside;
        private readonly bool _integers;

        public Kernel(ResizeProblem p)
        {
            int leading = Leading(p);
            _axes = [.. p.Axes[leading..]];
            _taps = [.. _axes.Select(a => a.IsIdentity ? null : ResizeTaps.Of(p, a))];
            _items = p.Axes[..leading].Aggregate(1L, (n, a) => n * a.Out);
            _itemIn = _axes.Aggregate(1L, (n, a) => n * a.In);
            _itemOut = _axes.Aggregate(1L, (n, a) => n * a.Out);
            _buffer = LargestItem(p);
            _outside = p.Extrapolation;
            _integers = p.Type.IsInteger();
        }

        public override void Run(in KernelArgs args)
        {
            if (_itemOut == 0 || _items == 0)
                return;
            var body = new Body
            {
                K = this,
                X = (void*)args.Inputs[0],
                Y = (void*)args.Outputs[0],
                Buffers = (double*)args.Workspace,
                Split = new RowSplit(_items),
            };
            args.Workers.For(body.Split.Items, ref body);
        }

        private struct Body : IParallelBody
        {
            public Kernel<E> K;
            public void* X;
            public void* Y;
            public double* Buffers;
            public RowSplit Split;

            public void Run(int begin, int end, int worker)
            {
                double* a = Buffers + 2 * worker * (nint)K._buffer, b = a + (nint)K._buffer;
                for (long item = Split.Begin(begin); item < Split.End(end); item++)
                {
                    double* from = a, to = b;
                    for (nint i = 0; i < K._itemIn; i++)
                        from[i] = E.Load(X, (nint)(item * K._itemIn) + i);
                    long outer = 1, inner = K._itemIn;
                    for (int n = 0; n < K._axes.Length; n++)
                    {
                        inner /= K._axes[n].In;
                        if (K._taps[n] is { } taps)
                        {
                            Along(from, to, outer, K._axes[n], inner, taps);
                            double* done = to;
                            to = from;
                            from = done;
                        }
                        outer *= K._axes[n].Out;
                    }
                    for (nint i = 0; i < K._itemOut; i++)
                        E.Store(Y, (nint)(item * K._itemOut) + i, K._integers ? Math.Round(from[i] * (1 << 20)) / (1 << 20) : from[i]);
                }
            }

            private readonly void Along(double* x, double* y, long outer, ResizeAxis axis, long inner, ResizeTaps taps)
            {
                for (long n = 0; n < outer; n++, x += (nint)(axis.In * inner))
                    for (long o = 0; o < axis.Out; o++, y += (nint)inner)
                    {
                        var line = new Span<double>(y, (int)inner);
                        line.Fill(taps.Outside is { } outside && outside[o] ? K._outside : 0);
                        for (long t = o * taps.Count; t < (o + 1) * taps.Count && taps.Indices[t] < axis.In; t++)
                        {
                            double* source = x + taps.Indices[t] * (nint)inner;
                            double weight = taps.Weights[t];
                            for (int l = 0; l < line.Length; l++)
                                line[l] += weight * source[l];
                        }
                    }
            }
        }
    }
}
