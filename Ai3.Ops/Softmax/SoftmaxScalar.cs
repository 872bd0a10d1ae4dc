namespace Ai3.Ops;

/// <summary>The three functions for any element type, in double, row by row.</summary>
internal static unsafe class SoftmaxScalar
{
    public static double CostHint(Request<SoftmaxProblem> r) =>
        100 + r.Problem.Shape.Count * (r.Problem.Kind == SoftmaxKind.Hardmax ? 2.0 : 25.0) / r.Target.Threads;

    public static ErrorBound Error(SoftmaxProblem p, Target target) => p.Kind == SoftmaxKind.Hardmax ? ErrorBound.Exact : ErrorBound.Ulp(1);

    public static PreparedKernel Bind(Request<SoftmaxProblem> r, PackedConstants? packed) =>
        ElementTypes.Select<Binder, PreparedKernel>(r.Problem.Type, new Binder(r.Problem));

    private readonly struct Binder(SoftmaxProblem p) : IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<E>() where E : struct, IElement => new Kernel<E>(p.Kind, p.Outer, p.Length, p.Inner);
    }

    private sealed class Kernel<E>(SoftmaxKind kind, long outer, long length, long inner) : PreparedKernel where E : struct, IElement
    {
        public override void Run(in KernelArgs args)
        {
            var body = new Body<E>
            {
                Kind = kind,
                Length = (nint)length,
                Inner = (nint)inner,
                X = (void*)args.Inputs[0],
                Y = (void*)args.Outputs[0],
                Split = new RowSplit(length == 0 ? 0 : outer * inner),
            };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    private struct Body<E> : IParallelBody where E : struct, IElement
    {
        public SoftmaxKind Kind;
        public nint Length;
        public nint Inner;
        public void* X;
        public void* Y;
        public RowSplit Split;

        public void Run(int begin, int end, int worker)
        {
            for (nint row = (nint)Split.Begin(begin); row < (nint)Split.End(end); row++)
            {
                nint first = row / Inner * Length * Inner + row % Inner, last = first + (Length - 1) * Inner, best = first;
                for (nint i = first; i <= last; i += Inner)
                    if (E.Load(X, i) > E.Load(X, best) || double.IsNaN(E.Load(X, i)) && !double.IsNaN(E.Load(X, best)))
                        best = i;
                if (Kind == SoftmaxKind.Hardmax)
                    for (nint i = first; i <= last; i += Inner)
                        E.Store(Y, i, i == best ? 1 : 0);
                else
                    Softmax(first, last, E.Load(X, best));
            }
        }

        private readonly void Softmax(nint first, nint last, double largest)
        {
            double sum = 0;
            for (nint i = first; i <= last; i += Inner)
                sum += Math.Exp(E.Load(X, i) - largest);
            double log = Math.Log(sum);
            for (nint i = first; i <= last; i += Inner)
            {
                double d = E.Load(X, i) - largest;
                E.Store(Y, i, Kind == SoftmaxKind.LogSoftmax ? d - log : Math.Exp(d) / sum);
            }
        }
    }
}
