using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Copies the slice that each tuple names. Indices are checked first. Tasks are ranges of tuples.</summary>
internal static unsafe class GatherND
{
    public static PreparedKernel Bind(Request<GatherNDProblem> request, PackedConstants? packed) => new Kernel(request.Problem);

    private sealed class Kernel(GatherNDProblem p) : PreparedKernel
    {
        private readonly TupleIndices _tuples = new(p.Data.Shape, p.Indices.Shape, p.BatchDims);
        private readonly DType _indexType = p.Indices.Type;
        private readonly int _elementBytes = p.Data.Type.ByteSize();

        public override void Run(in KernelArgs args)
        {
            IndexReader indices = IndexReader.Of(args.Inputs[1], _indexType);
            indices.RequireInRange(_tuples.Tuples, _tuples.Extents);
            int tasks = WorkSplit.Tasks(_tuples.Tuples, 2.0 * _tuples.Tuples * _tuples.SliceLength * _elementBytes, args.Workers);
            var body = new Body(_tuples, (byte*)args.Inputs[0], indices, (byte*)args.Outputs[0], _elementBytes, tasks);
            args.Workers.For(tasks, ref body);
        }
    }

    private readonly struct Body(TupleIndices tuples, byte* data, IndexReader indices, byte* output, int elementBytes, int tasks) : IParallelBody
    {
        public void Run(int begin, int end, int worker)
        {
            long slice = tuples.SliceLength * elementBytes, last = WorkSplit.Begin(tuples.Tuples, end, tasks);
            for (long tuple = WorkSplit.Begin(tuples.Tuples, begin, tasks); tuple < last; tuple++)
                Buffer.MemoryCopy(data + tuples.Place(indices, tuple) * elementBytes, output + tuple * slice, slice, slice);
        }
    }
}
