using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// output = data; then the slice that each tuple names is reduced with its updates, in order and on one thread, as several
/// tuples may name one slice. Indices are checked first.
/// </summary>
internal static unsafe class ScatterND
{
    public static PreparedKernel Bind(ScatterProblem problem) =>
        ScatterReductions.Select<Maker, PreparedKernel>(problem.Data.Type, problem.Reduction, new Maker(problem));

    private readonly struct Maker(ScatterProblem problem) : ScatterReductions.IFunc<PreparedKernel>
    {
        public PreparedKernel Create<T, TReduce>() where T : unmanaged where TReduce : struct, IScatterReduce<T> => new Kernel<T, TReduce>(problem);
    }

    private sealed class Kernel<T, TReduce>(ScatterProblem p) : PreparedKernel where T : unmanaged where TReduce : struct, IScatterReduce<T>
    {
        private readonly TupleIndices _tuples = new(p.Data.Shape, p.Indices.Shape, 0);
        private readonly DType _indexType = p.Indices.Type;
        private readonly long _bytes = p.Data.ByteLength;
        private readonly bool _replaces = p.Reduction == ScatterReduction.None;

        public override void Run(in KernelArgs args)
        {
            IndexReader indices = IndexReader.Of(args.Inputs[1], _indexType);
            indices.RequireInRange(_tuples.Tuples, _tuples.Extents);
            if (args.Inputs[0] != args.Outputs[0])
                Buffer.MemoryCopy((void*)args.Inputs[0], (void*)args.Outputs[0], _bytes, _bytes);
            var updates = (T*)args.Inputs[2];
            long length = _tuples.SliceLength;
            for (long tuple = 0; tuple < _tuples.Tuples; tuple++, updates += length)
            {
                T* to = (T*)args.Outputs[0] + _tuples.Place(indices, tuple);
                if (_replaces)
                    Buffer.MemoryCopy(updates, to, length * sizeof(T), length * sizeof(T));
                else
                    for (long j = 0; j < length; j++)
                        to[j] = TReduce.Apply(to[j], updates[j]);
            }
        }
    }
}

/// <summary>The exact scatter by tuples, element by element.</summary>
internal sealed unsafe class ScatterNDReference(ScatterProblem p) : PreparedKernel
{
    public override void Run(in KernelArgs args)
    {
        IndexReader reader = IndexReader.Of(args.Inputs[1], p.Indices.Type);
        int k = (int)p.Indices.Shape[^1];
        long tuples = p.Indices.Shape.Count / k, count = p.Updates.Shape.Count;
        reader.RequireInRange(tuples, p.Data.Shape.AsSpan()[..k]);
        ScatterReference.CopyData(args, p.Data);
        long slice = tuples == 0 ? 0 : count / tuples;
        for (long i = 0; i < count; i++)
        {
            long place = GatherNDReference.Place(p.Data.Shape, p.Indices.Shape, 0, reader, i / slice, i % slice);
            ScatterReference.Apply((byte*)args.Inputs[2], i, (byte*)args.Outputs[0], place, p.Data.Type, p.Reduction);
        }
    }
}
