namespace Ai3.Ops;

/// <summary>LRN of any element type, in double, element by element.</summary>
internal static unsafe class LrnScalar
{
    public static double CostHint(Request<LrnProblem> r) =>
        100 + r.Problem.Shape.Count * (30 + 2.0 * Math.Min(r.Problem.Size, r.Problem.Channels)) / r.Target.Threads;

    public static PreparedKernel Bind(Request<LrnProblem> r, PackedConstants? packed) =>
        ElementTypes.Select<Binder, PreparedKernel>(r.Problem.Type, new Binder(r.Problem));

    private readonly struct Binder(LrnProblem p) : IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<E>() where E : struct, IElement => new Kernel<E>(p);
    }

    private sealed class Kernel<E>(LrnProblem p) : PreparedKernel where E : struct, IElement
    {
        public override void Run(in KernelArgs args)
        {
            var body = new Body<E>
            {
                Channels = (nint)p.Channels,
                Inner = (nint)p.Inner,
                Before = (nint)p.Before,
                After = (nint)p.After,
                Size = p.Size,
                Alpha = p.Alpha,
                Bias = p.Bias,
                Beta = p.Beta,
                X = (void*)args.Inputs[0],
                Y = (void*)args.Outputs[0],
                Split = new RowSplit(p.N * p.Channels),
            };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    private struct Body<E> : IParallelBody where E : struct, IElement
    {
        public nint Channels;
        public nint Inner;
        public nint Before;
        public nint After;
        public double Size;
        public double Alpha;
        public double Bias;
        public double Beta;
        public void* X;
        public void* Y;
        public RowSplit Split;

        public void Run(int begin, int end, int worker)
        {
            for (nint row = (nint)Split.Begin(begin); row < (nint)Split.End(end); row++)
            {
                nint c = row % Channels;
                nint first = -Math.Min(c, Before), last = Math.Min(Channels - 1 - c, After);
                for (nint i = row * Inner; i < (row + 1) * Inner; i++)
                {
                    double sum = 0;
                    for (nint k = first; k <= last; k++)
                    {
                        double x = E.Load(X, i + k * Inner);
                        sum += x * x;
                    }
                    E.Store(Y, i, E.Load(X, i) / Math.Pow(Bias + Alpha * sum / Size, Beta));
                }
            }
        }
    }
}
