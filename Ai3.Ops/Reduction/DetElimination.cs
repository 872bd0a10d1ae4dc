using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Gaussian elimination in double with the largest element of a column as pivot; the determinant is the signed product of pivots. Workspace: a matrix in double a worker.</summary>
internal static unsafe class DetElimination
{
    public static Algorithm<DetProblem> Row { get; } = new()
    {
        Name = "elimination",
        Source = "Gaussian elimination with partial pivoting, in double",
        Workspace = "a matrix in double a thread",
        // Which rows an infinity meets depends on the pivots.
        PropagatesExactly = false,
        Supports = static (p, _) => Applicability.If(p.Input.Type.IsFloat(), $"element type is {p.Input.Type.ShortName()}, needs a float type"),
        WorkspaceBytes = static r => ShapeMath.Multiply(r.Target.Threads, BytesAWorker(r.Problem)),
        CostHint = static r => 100 + (r.Problem.Flops + 20.0 * r.Problem.Matrices) / r.Target.Threads,
        // Narrower types see the rounding of the result alone; for float64 the backward error of each of the m^2 elements, times the order.
        Error = static (p, _) => p.Input.Type == DType.Float64 ? ErrorBound.Relative(4.0 * p.Order * p.Order * p.Order + 4) : ErrorBound.PerElement(2),
        Bind = static (r, _) => ElementTypes.Select<Maker, PreparedKernel>(r.Problem.Input.Type, new Maker(r.Problem)),
    };

    private static long BytesAWorker(DetProblem p) => ShapeMath.RoundUp(ShapeMath.Multiply(sizeof(double), ShapeMath.Multiply(p.Order, p.Order)), 64);

    private readonly struct Maker(DetProblem problem) : IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<E>() where E : struct, IElement => new Kernel<E>(problem);
    }

    private sealed class Kernel<E>(DetProblem p) : PreparedKernel where E : struct, IElement
    {
        private readonly long _matrices = p.Matrices;
        private readonly nint _order = (nint)p.Order;
        private readonly long _bytes = BytesAWorker(p);

        public override void Run(in KernelArgs args)
        {
            int tasks = WorkSplit.Tasks(_matrices, 16.0 * _matrices * _order * _order, args.Workers);
            var body = new Body { Kernel = this, Tasks = tasks, X = (void*)args.Inputs[0], Y = (void*)args.Outputs[0], Workspace = args.Workspace };
            args.Workers.For(tasks, ref body);
        }

        private struct Body : IParallelBody
        {
            public Kernel<E> Kernel;
            public int Tasks;
            public void* X;
            public void* Y;
            public nint Workspace;

            public readonly void Run(int begin, int end, int worker)
            {
                var a = (double*)(Workspace + (nint)(worker * Kernel._bytes));
                nint count = Kernel._order * Kernel._order;
                long last = WorkSplit.Begin(Kernel._matrices, end, Tasks);
                for (long matrix = WorkSplit.Begin(Kernel._matrices, begin, Tasks); matrix < last; matrix++)
                {
                    for (nint i = 0; i < count; i++)
                        a[i] = E.Load(X, (nint)matrix * count + i);
                    E.Store(Y, (nint)matrix, Kernel.Determinant(a));
                }
            }
        }

        private double Determinant(double* a)
        {
            nint m = _order;
            double det = 1;
            for (nint k = 0; k < m; k++)
            {
                nint pivot = k;
                for (nint i = k + 1; i < m; i++)
                    if (Math.Abs(a[i * m + k]) > Math.Abs(a[pivot * m + k]))
                        pivot = i;
                double top = a[pivot * m + k];
                if (top == 0)
                    return 0;
                if (pivot != k)
                {
                    det = -det;
                    for (nint j = k; j < m; j++)
                        (a[k * m + j], a[pivot * m + j]) = (a[pivot * m + j], a[k * m + j]);
                }
                det *= top;
                for (nint i = k + 1; i < m; i++)
                {
                    double factor = a[i * m + k] / top;
                    for (nint j = k + 1; j < m; j++)
                        a[i * m + j] -= factor * a[k * m + j];
                }
            }
            return det;
        }
    }
}
