using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Data is [outer, extent, inner] about the axis, output [outer, indices, inner]: each (outer, index) is a run of inner elements.
/// Indices are checked first. Tasks are ranges of runs.
/// </summary>
internal static unsafe class GatherRows
{
    public static PreparedKernel Bind(Request<GatherProblem> request, PackedConstants? packed) =>
        ElementSize.Select<Maker, PreparedKernel>(request.Problem.Data.Type, new Maker(request.Problem));

    private readonly struct Maker(GatherProblem problem) : IElementSizeFunc<PreparedKernel>
    {
        public PreparedKernel Create<T>() where T : unmanaged => new Kernel<T>(problem);
    }

    private sealed class Kernel<T>(GatherProblem p) : PreparedKernel where T : unmanaged
    {
        private readonly long _extent = p.Data.Shape[p.Axis];
        private readonly long _inner = p.Data.Shape.CountOf((p.Axis + 1)..);
        private readonly long _indices = p.Indices.Shape.Count;
        private readonly long _runs = p.Output.Shape.Count == 0 ? 0 : p.Data.Shape.CountOf(..p.Axis) * p.Indices.Shape.Count;
        private readonly DType _indexType = p.Indices.Type;

        public override void Run(in KernelArgs args)
        {
            IndexReader indices = IndexReader.Of(args.Inputs[1], _indexType);
            indices.RequireInRange(_indices, _extent);
            int tasks = WorkSplit.Tasks(_runs, 2.0 * _runs * _inner * sizeof(T), args.Workers);
            var body = new Body<T>((T*)args.Inputs[0], indices, (T*)args.Outputs[0], _extent, _inner, _indices, _runs, tasks);
            args.Workers.For(tasks, ref body);
        }
    }

    private readonly struct Body<T>(T* data, IndexReader indices, T* output, long extent, long inner, long count, long runs, int tasks) : IParallelBody
        where T : unmanaged
    {
        public void Run(int begin, int end, int worker)
        {
            long first = WorkSplit.Begin(runs, begin, tasks), last = WorkSplit.Begin(runs, end, tasks);
            if (first >= last)
                return;
            long outer = first / count, i = first - outer * count;
            T* slab = data + outer * extent * inner;
            T* to = output + first * inner;
            for (long run = first; run < last; run++, to += inner)
            {
                T* from = slab + indices.At(i, extent) * inner;
                if (inner == 1)
                    *to = *from;
                else
                    Buffer.MemoryCopy(from, to, inner * sizeof(T), inner * sizeof(T));
                if (++i == count)
                {
                    i = 0;
                    slab += extent * inner;
                }
            }
        }
    }
}
