using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>y = F(y + residual) over a tensor in storage order; block padding stays zero.</summary>
internal sealed unsafe class ActivationPass
{
    // Elements that a thread takes at a time; a multiple of every channel block.
    private const int Grain = 16384;

    private readonly RowFunction _rows;
    private readonly Activation _activation;
    private readonly long _count;
    private readonly BlockPadding _padding;

    public ActivationPass(ChannelLayout layout, Activation activation, bool residual, IsaLevel isa)
    {
        _rows = residual ? ActivationRows.Add(activation, isa) : ActivationRows.Apply(activation, isa);
        _activation = activation;
        _count = layout.StorageCount;
        // Zeros stay zeros through most functions; only the others need the padding cleared.
        _padding = activation.Evaluate(0) == 0 ? default : BlockPadding.Of(layout);
    }

    public void Run(nint y, nint residual, WorkerPool workers)
    {
        var body = new Body { Pass = this, Y = (float*)y, Residual = (float*)residual };
        workers.For((int)ShapeMath.CeilDiv(_count, GrainOf(_count)), ref body);
    }

    private static long GrainOf(long count) => Math.Max(Grain, ShapeMath.RoundUp(count / 1_000_000, Grain));

    private struct Body : IParallelBody
    {
        public ActivationPass Pass;
        public float* Y;
        public float* Residual;

        public readonly void Run(int begin, int end, int worker)
        {
            long grain = GrainOf(Pass._count), first = begin * grain, last = Math.Min(end * grain, Pass._count);
            RowArgs r = default;
            r.Count = (nint)(last - first);
            r.Y = r.A = Y + first;
            r.B = Residual + first;
            r.StepA = r.StepB = 1;
            r.Alpha = Pass._activation.Alpha;
            r.Beta = Pass._activation.Beta;
            Pass._rows.Run(&r);
            Pass._padding.Clear((byte*)Y, sizeof(float), first, last);
        }
    }
}
