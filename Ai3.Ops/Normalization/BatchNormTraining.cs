namespace Ai3.Ops;

/// <summary>
/// Normalisation by the statistics of the batch itself, in double, two passes over each channel for mean and variance and one for y; the running
/// statistics move towards them. Channels are split over threads.
/// </summary>
internal static unsafe class BatchNormTraining
{
    public static Algorithm<BatchNormProblem> Row { get; } = new()
    {
        Name = "training",
        Source = "Ioffe and Szegedy 2015, arXiv:1502.03167; statistics in two passes, in double",
        Needs = "training mode",
        Supports = static (p, _) => Applicability.If(p.Momentum is not null, "statistics are given, needs training mode"),
        CostHint = static r => 100 + r.Problem.Shape.Count * 6.0 / r.Target.Threads,
        Error = static (p, _) => ErrorBound.PerElement(p.Type == Tensors.DType.Float64 || p.StatisticsType == Tensors.DType.Float64 ? 2.0 * p.N * p.Inner + 16 : 3),
        Bind = static (r, _) => ElementTypes.Select<Binder, PreparedKernel>(r.Problem.Type, new Binder(r.Problem)),
    };

    private readonly struct Binder(BatchNormProblem p) : IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<E>() where E : struct, IElement => new Kernel<E>(p);
    }

    private sealed class Kernel<E>(BatchNormProblem p) : PreparedKernel where E : struct, IElement
    {
        private readonly nint _channels = (nint)p.Channels;
        private readonly nint _inner = (nint)p.Inner;
        private readonly nint _n = (nint)p.N;

        public override void Run(in KernelArgs args)
        {
            fixed (nint* inputs = args.Inputs, outputs = args.Outputs)
            {
                var body = new Body { Kernel = this, Inputs = inputs, Outputs = outputs, Split = new RowSplit(_channels) };
                args.Workers.For(body.Split.Items, ref body);
            }
        }

        private struct Body : IParallelBody
        {
            public Kernel<E> Kernel;
            public nint* Inputs;
            public nint* Outputs;
            public RowSplit Split;

            public void Run(int begin, int end, int worker)
            {
                for (nint c = (nint)Split.Begin(begin); c < (nint)Split.End(end); c++)
                    Kernel.Channel(Inputs, Outputs, c);
            }
        }

        private void Channel(nint* inputs, nint* outputs, nint c)
        {
            var x = (void*)inputs[0];
            double mean = 0, variance = 0, count = (double)_n * _inner;
            for (nint n = 0; n < _n; n++)
                for (nint i = (n * _channels + c) * _inner, end = i + _inner; i < end; i++)
                    mean += E.Load(x, i);
            mean /= count;
            for (nint n = 0; n < _n; n++)
                for (nint i = (n * _channels + c) * _inner, end = i + _inner; i < end; i++)
                    variance += (E.Load(x, i) - mean) * (E.Load(x, i) - mean);
            variance /= count;
            double factor = ElementAccess.Read((void*)inputs[1], p.ScaleType, c) / Math.Sqrt(variance + p.Epsilon);
            double bias = ElementAccess.Read((void*)inputs[2], p.ScaleType, c);
            for (nint n = 0; n < _n; n++)
                for (nint i = (n * _channels + c) * _inner, end = i + _inner; i < end; i++)
                    E.Store((void*)outputs[0], i, (E.Load(x, i) - mean) * factor + bias);
            Move((void*)inputs[3], (void*)outputs[1], c, mean);
            Move((void*)inputs[4], (void*)outputs[2], c, variance);
        }

        private void Move(void* old, void* next, nint c, double current)
        {
            double momentum = p.Momentum!.Value;
            ElementAccess.Write(next, p.StatisticsType, c, ElementAccess.Read(old, p.StatisticsType, c) * momentum + current * (1 - momentum));
        }
    }
}
