using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The exact gather by tuples of any type with an address, element by element.</summary>
internal static unsafe class GatherNDReference
{
    public static PreparedKernel Bind(Request<GatherNDProblem> request, PackedConstants? packed) => new Kernel(request.Problem);

    /// <summary>The place in the data of element j of the slice that a tuple names, by Horner's rule over the data's axes.</summary>
    public static long Place(Shape data, Shape indices, int batchDims, IndexReader reader, long tuple, long j)
    {
        int k = (int)indices[^1];
        long batch = tuple;
        for (int d = batchDims; d < indices.Rank - 1; d++)
            batch /= indices[d];
        for (int c = 0; c < k; c++)
        {
            long extent = data[batchDims + c], index = reader[tuple * k + c];
            batch = batch * extent + (index < 0 ? index + extent : index);
        }
        for (int d = batchDims + k; d < data.Rank; d++)
            batch *= data[d];
        return batch + j;
    }

    private sealed class Kernel(GatherNDProblem p) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            IndexReader reader = IndexReader.Of(args.Inputs[1], p.Indices.Type);
            int k = (int)p.Indices.Shape[^1];
            long tuples = p.Indices.Shape.Count / k, count = p.Output.Shape.Count;
            reader.RequireInRange(tuples, p.Data.Shape.AsSpan().Slice(p.BatchDims, k));
            PackedBits.ClearLastByte((byte*)args.Outputs[0], count, p.Data.Type);
            long slice = tuples == 0 ? 0 : count / tuples;
            for (long i = 0; i < count; i++)
                PackedBits.CopyElement((byte*)args.Inputs[0], Place(p.Data.Shape, p.Indices.Shape, p.BatchDims, reader, i / slice, i % slice),
                    (byte*)args.Outputs[0], i, p.Data.Type);
        }
    }
}
