using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>output[row, j] = data[base(row) + j * step + index * axisStride]. Indices are checked first. Tasks are ranges of rows.</summary>
internal static unsafe class GatherElements
{
    public static PreparedKernel Bind(Request<GatherElementsProblem> request, PackedConstants? packed) =>
        ElementSize.Select<Maker, PreparedKernel>(request.Problem.Data.Type, new Maker(request.Problem));

    private readonly struct Maker(GatherElementsProblem problem) : IElementSizeFunc<PreparedKernel>
    {
        public PreparedKernel Create<T>() where T : unmanaged => new Kernel<T>(problem);
    }

    private sealed class Kernel<T>(GatherElementsProblem p) : PreparedKernel where T : unmanaged
    {
        private readonly ElementIndices _walk = new(p.Data.Shape, p.Indices.Shape, p.Axis);
        private readonly DType _indexType = p.Indices.Type;

        public override void Run(in KernelArgs args)
        {
            IndexReader indices = IndexReader.Of(args.Inputs[1], _indexType);
            indices.RequireInRange(_walk.Count, _walk.AxisExtent);
            int tasks = WorkSplit.Tasks(_walk.Rows, 2.0 * _walk.Count * (sizeof(T) + 8), args.Workers);
            var body = new Body<T>(_walk, (T*)args.Inputs[0], indices, (T*)args.Outputs[0], tasks);
            args.Workers.For(tasks, ref body);
        }
    }

    private readonly struct Body<T>(ElementIndices walk, T* data, IndexReader indices, T* output, int tasks) : IParallelBody where T : unmanaged
    {
        public void Run(int begin, int end, int worker)
        {
            long last = WorkSplit.Begin(walk.Rows, end, tasks), length = walk.RowLength, step = walk.RowStep, stride = walk.AxisStride, extent = walk.AxisExtent;
            for (long row = WorkSplit.Begin(walk.Rows, begin, tasks); row < last; row++)
            {
                T* from = data + walk.RowBase(row);
                T* to = output + row * length;
                for (long j = 0; j < length; j++)
                    to[j] = from[j * step + indices.At(row * length + j, extent) * stride];
            }
        }
    }
}
