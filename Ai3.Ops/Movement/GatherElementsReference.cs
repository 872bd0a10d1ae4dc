using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The exact element gather: each coordinate by division.</summary>
internal static unsafe class GatherElementsReference
{
    public static PreparedKernel Bind(Request<GatherElementsProblem> request, PackedConstants? packed) => new Kernel(request.Problem);

    /// <summary>The place in the data of index element i, whose coordinate along the axis is <paramref name="index"/>.</summary>
    public static long Place(Shape data, Shape indices, int axis, long i, long index)
    {
        long place = 0, stride = 1;
        for (int d = data.Rank - 1; d >= 0; d--)
        {
            long coordinate = i % indices[d];
            i /= indices[d];
            if (d == axis)
                coordinate = index < 0 ? index + data[d] : index;
            place += coordinate * stride;
            stride *= data[d];
        }
        return place;
    }

    private sealed class Kernel(GatherElementsProblem p) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            IndexReader indices = IndexReader.Of(args.Inputs[1], p.Indices.Type);
            long count = p.Indices.Shape.Count;
            indices.RequireInRange(count, p.Data.Shape[p.Axis]);
            PackedBits.ClearLastByte((byte*)args.Outputs[0], count, p.Data.Type);
            for (long i = 0; i < count; i++)
                PackedBits.CopyElement((byte*)args.Inputs[0], Place(p.Data.Shape, p.Indices.Shape, p.Axis, i, indices[i]), (byte*)args.Outputs[0], i, p.Data.Type);
        }
    }
}
