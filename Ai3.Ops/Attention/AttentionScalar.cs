using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The <c>scalar</c> row: <see cref="AttentionRow"/> for every row. Scratch: a double a key.</summary>
internal static unsafe class AttentionScalar
{
    public static IAttentionRows Rows(AttentionProblem p) => ElementTypes.Select<Binder, IAttentionRows>(p.Type, new Binder(p));

    /// <summary>A double a key.</summary>
    public static long ScratchBytes(AttentionGeometry g) => ShapeMath.Multiply(g.Capacity, sizeof(double));

    private readonly struct Binder(AttentionProblem p) : IElementFunc<IAttentionRows>
    {
        public IAttentionRows Create<E>() where E : struct, IElement => new AllRows<E>(p);
    }

    private sealed class AllRows<E>(AttentionProblem p) : IAttentionRows where E : struct, IElement
    {
        private readonly AttentionGeometry _g = new(p);

        public long ScratchBytes => AttentionScalar.ScratchBytes(_g);

        public void Run(in AttentionCall call, nint scratch, long scratchPerThread, WorkerPool workers)
        {
            var body = new Body<E>
            {
                Problem = p,
                Geometry = _g,
                Call = call,
                Scratch = scratch,
                ScratchPerThread = (nint)scratchPerThread,
                Split = new RowSplit(_g.Batch * _g.Heads * _g.Queries),
            };
            workers.For(body.Split.Items, ref body);
        }
    }

    private struct Body<E> : IParallelBody where E : struct, IElement
    {
        public AttentionProblem Problem;
        public AttentionGeometry Geometry;
        public AttentionCall Call;
        public nint Scratch;
        public nint ScratchPerThread;
        public RowSplit Split;

        public readonly void Run(int begin, int end, int worker)
        {
            for (long row = Split.Begin(begin); row < Split.End(end); row++)
            {
                (long head, long i) = Math.DivRem(row, Geometry.Queries);
                (long b, long h) = Math.DivRem(head, Geometry.Heads);
                AttentionRow.Run<E>(Problem, Geometry, Call, b, h, i, (double*)(Scratch + worker * ScratchPerThread));
            }
        }
    }
}
