using System.Numerics;

namespace Ai3.Ops;

/// <summary>Works on one lane: finds its best entries.</summary>
internal unsafe interface ITopKMethod
{
    /// <summary>Makes the K greatest entries of a lane the last K of the given memory, ascending.</summary>
    /// <returns>The first of the K entries.</returns>
    static abstract TEntry* Find<T, TEntry, E>(T* x, nint stride, int length, int k, ulong flip, TEntry* scratch)
        where T : unmanaged where TEntry : unmanaged, IBinaryInteger<TEntry> where E : struct, ISortEntry<T, TEntry>;
}

/// <summary>The driver of TopK rows: lanes along the axis are split over threads, each with its own entries in the workspace.</summary>
internal static class TopKLanes
{
    /// <param name="problem">The problem.</param>
    /// <param name="entries">Entries of workspace a worker has.</param>
    public static PreparedKernel Bind<TMethod>(TopKProblem problem, long entries) where TMethod : struct, ITopKMethod =>
        NumberTypes.Select<Maker<TMethod>, PreparedKernel>(problem.Input.Type, new Maker<TMethod>(problem, entries));

    private readonly struct Maker<TMethod>(TopKProblem problem, long entries) : INumberFunc<PreparedKernel> where TMethod : struct, ITopKMethod
    {
        public unsafe PreparedKernel Create<T>() where T : unmanaged => sizeof(T) > 4
            ? new Kernel<T, UInt128, WideEntry<T>, TMethod>(problem, entries) : new Kernel<T, ulong, NarrowEntry<T>, TMethod>(problem, entries);
    }

    private sealed unsafe class Kernel<T, TEntry, E, TMethod>(TopKProblem p, long entries) : PreparedKernel
        where T : unmanaged where TEntry : unmanaged, IBinaryInteger<TEntry> where E : struct, ISortEntry<T, TEntry> where TMethod : struct, ITopKMethod
    {
        private readonly long _entries = entries;
        private readonly long _lanes = p.Outer * p.Inner;
        private readonly nint _inner = (nint)p.Inner;
        private readonly int _length = (int)p.Length;
        private readonly int _k = (int)p.K;
        private readonly ulong _flip = p.Largest ? 0 : ulong.MaxValue;

        public override void Run(in KernelArgs args)
        {
            if (_lanes == 0 || _k == 0)
                return;
            int tasks = WorkSplit.Tasks(_lanes, 8.0 * _lanes * _length, args.Workers);
            var body = new Body
            {
                Kernel = this,
                Tasks = tasks,
                X = (T*)args.Inputs[0],
                Values = (T*)args.Outputs[0],
                Indices = (long*)args.Outputs[1],
                Entries = (TEntry*)args.Workspace,
            };
            args.Workers.For(tasks, ref body);
        }

        private struct Body : IParallelBody
        {
            public Kernel<T, TEntry, E, TMethod> Kernel;
            public int Tasks;
            public T* X;
            public T* Values;
            public long* Indices;
            public TEntry* Entries;

            public readonly void Run(int begin, int end, int worker)
            {
                long last = WorkSplit.Begin(Kernel._lanes, end, Tasks);
                for (long lane = WorkSplit.Begin(Kernel._lanes, begin, Tasks); lane < last; lane++)
                    Kernel.Lane(X, Values, Indices, lane, Entries + worker * Kernel._entries);
            }
        }

        private void Lane(T* x, T* values, long* indices, long lane, TEntry* scratch)
        {
            (long outer, long inner) = Math.DivRem(lane, _inner);
            x += outer * _length * _inner + inner;
            long at = outer * _k * _inner + inner;
            TEntry* best = TMethod.Find<T, TEntry, E>(x, _inner, _length, _k, _flip, scratch);
            for (int i = _k - 1; i >= 0; i--, at += _inner)
            {
                uint index = E.IndexOf(best[i]);
                values[at] = x[index * _inner];
                indices[at] = index;
            }
        }
    }
}
