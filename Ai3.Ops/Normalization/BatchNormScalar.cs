namespace Ai3.Ops;

/// <summary>y = (x - mean) * factor + bias for any element types, in double. Workspace: factor, mean and bias of every channel.</summary>
internal static unsafe class BatchNormScalar
{
    public static long WorkspaceBytes(Request<BatchNormProblem> r) => 3 * sizeof(double) * r.Problem.Channels;

    public static PreparedKernel Bind(Request<BatchNormProblem> r, PackedConstants? packed) =>
        ElementTypes.Select<Binder, PreparedKernel>(r.Problem.Type, new Binder(r.Problem));

    private readonly struct Binder(BatchNormProblem p) : IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<E>() where E : struct, IElement => new Kernel<E>(p);
    }

    private sealed class Kernel<E>(BatchNormProblem p) : PreparedKernel where E : struct, IElement
    {
        private readonly long _channels = p.Channels;
        private readonly long _inner = p.Inner;
        private readonly long _n = p.N;

        public override void Run(in KernelArgs args)
        {
            double* table = (double*)args.Workspace;
            for (long c = 0; c < _channels; c++)
            {
                double variance = ElementAccess.Read((void*)args.Inputs[4], p.StatisticsType, c);
                table[3 * c] = ElementAccess.Read((void*)args.Inputs[1], p.ScaleType, c) / Math.Sqrt(variance + p.Epsilon);
                table[3 * c + 1] = ElementAccess.Read((void*)args.Inputs[3], p.StatisticsType, c);
                table[3 * c + 2] = ElementAccess.Read((void*)args.Inputs[2], p.ScaleType, c);
            }
            var body = new Body<E>
            {
                Channels = (nint)_channels,
                Inner = (nint)_inner,
                Table = table,
                X = (void*)args.Inputs[0],
                Y = (void*)args.Outputs[0],
                Split = new RowSplit(_n * _channels),
            };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    private struct Body<E> : IParallelBody where E : struct, IElement
    {
        public nint Channels;
        public nint Inner;
        public double* Table;
        public void* X;
        public void* Y;
        public RowSplit Split;

        public void Run(int begin, int end, int worker)
        {
            for (nint row = (nint)Split.Begin(begin); row < (nint)Split.End(end); row++)
            {
                double* c = Table + 3 * (row % Channels);
                double factor = c[0], mean = c[1], bias = c[2];
                for (nint i = row * Inner; i < (row + 1) * Inner; i++)
                    E.Store(Y, i, (E.Load(X, i) - mean) * factor + bias);
            }
        }
    }
}
