using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// output = data; then output[base(row) + j * step + index * axisStride] is reduced with updates[row, j], in order and on one
/// thread, as several updates may meet in one element. Indices are checked first.
/// </summary>
internal static unsafe class ScatterElements
{
    public static PreparedKernel Bind(ScatterProblem problem) =>
        ScatterReductions.Select<Maker, PreparedKernel>(problem.Data.Type, problem.Reduction, new Maker(problem));

    private readonly struct Maker(ScatterProblem problem) : ScatterReductions.IFunc<PreparedKernel>
    {
        public PreparedKernel Create<T, TReduce>() where T : unmanaged where TReduce : struct, IScatterReduce<T> => new Kernel<T, TReduce>(problem);
    }

    private sealed class Kernel<T, TReduce>(ScatterProblem p) : PreparedKernel where T : unmanaged where TReduce : struct, IScatterReduce<T>
    {
        private readonly ElementIndices _walk = new(p.Data.Shape, p.Indices.Shape, p.Axis);
        private readonly DType _indexType = p.Indices.Type;
        private readonly long _bytes = p.Data.ByteLength;

        public override void Run(in KernelArgs args)
        {
            IndexReader indices = IndexReader.Of(args.Inputs[1], _indexType);
            indices.RequireInRange(_walk.Count, _walk.AxisExtent);
            if (args.Inputs[0] != args.Outputs[0])
                Buffer.MemoryCopy((void*)args.Inputs[0], (void*)args.Outputs[0], _bytes, _bytes);
            var updates = (T*)args.Inputs[2];
            long length = _walk.RowLength, step = _walk.RowStep, stride = _walk.AxisStride, extent = _walk.AxisExtent;
            for (long row = 0; row < _walk.Rows; row++)
            {
                T* to = (T*)args.Outputs[0] + _walk.RowBase(row);
                for (long j = 0, i = row * length; j < length; j++, i++)
                {
                    T* cell = to + j * step + indices.At(i, extent) * stride;
                    *cell = TReduce.Apply(*cell, updates[i]);
                }
            }
        }
    }
}

/// <summary>The exact element scatter: each coordinate by division.</summary>
internal sealed unsafe class ScatterElementsReference(ScatterProblem p) : PreparedKernel
{
    public override void Run(in KernelArgs args)
    {
        IndexReader indices = IndexReader.Of(args.Inputs[1], p.Indices.Type);
        long count = p.Indices.Shape.Count;
        indices.RequireInRange(count, p.Data.Shape[p.Axis]);
        ScatterReference.CopyData(args, p.Data);
        for (long i = 0; i < count; i++)
        {
            long place = GatherElementsReference.Place(p.Data.Shape, p.Indices.Shape, p.Axis, i, indices[i]);
            ScatterReference.Apply((byte*)args.Inputs[2], i, (byte*)args.Outputs[0], place, p.Data.Type, p.Reduction);
        }
    }
}
