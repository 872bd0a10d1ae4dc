using Ai3.Onnx.Protos;
using Ai3.Tensors;

namespace Ai3.Onnx;

/// <summary>SparseTensorProto to dense tensor.</summary>
internal sealed class SparseDecoder(ImportContext context, TensorDecoder tensors)
{
    /// <summary>The tensor with zeros (strings: empty) where no value is given.</summary>
    public Tensor Decode(SparseTensorProto proto, string what)
    {
        if (proto.Values is null)
            throw new OnnxFormatException($"{what} has no values");
        Tensor values = tensors.Decode(proto.Values, $"{what}, values,");
        Shape shape = TensorDecoder.ShapeOf(proto.Dims, values.Type, context.Limits, what);
        if (values.Shape.Rank != 1)
            throw new OnnxFormatException($"{what} has values of shape {values.Shape}; they are of rank 1");
        if (values.Type.IsPacked())
            throw new OnnxFormatException($"{what} is of {values.Type.ShortName()}; sparse tensors are of types of whole bytes");
        long[] positions = Positions(proto, shape, values.Shape[0], what);
        context.CountExpanded(values.Type == DType.String ? shape.Count * nint.Size : values.Type.ByteCount(shape.Count), what);
        Tensor dense = context.Allocate(values.Type, shape, clear: true);
        int size = values.Type.ByteSize();
        for (int i = 0; i < positions.Length; i++)
        {
            if (values.Type == DType.String)
                dense.AsStrings()[(int)positions[i]] = values.AsStrings()[i];
            else
                values.AsBytes().Slice(i * size, size).CopyTo(dense.AsBytes().Slice((int)(positions[i] * size), size));
        }
        return dense;
    }

    private long[] Positions(SparseTensorProto proto, Shape shape, long count, string what)
    {
        Tensor? indices = proto.Indices is null ? null : tensors.Decode(proto.Indices, $"{what}, indices,");
        if (indices is null && count > 0)
            throw new OnnxFormatException($"{what} has {count} values but no indices");
        if (indices is null)
            return [];
        bool linear = indices.Shape.Rank == 1;
        if (indices.Type != DType.Int64 || indices.Shape.Rank is < 1 or > 2 || indices.Shape[0] != count || (!linear && indices.Shape[1] != shape.Rank))
            throw new OnnxFormatException($"{what} has indices {indices}; they are i64[{count}] or i64[{count},{shape.Rank}]");
        ReadOnlySpan<long> given = indices.AsSpan<long>();
        var positions = new long[count];
        for (int i = 0; i < positions.Length; i++)
        {
            positions[i] = linear ? given[i] : Linear(given.Slice(i * shape.Rank, shape.Rank), shape, i, what);
            if (positions[i] < 0 || positions[i] >= shape.Count)
                throw new OnnxFormatException($"{what} has index {positions[i]} at {i}; {shape} has {shape.Count} elements");
            if (i > 0 && positions[i] <= positions[i - 1])
                throw new OnnxFormatException($"{what} has index {positions[i]} at {i} after {positions[i - 1]}; indices ascend without repeats");
        }
        return positions;
    }

    private static long Linear(ReadOnlySpan<long> index, Shape shape, int at, string what)
    {
        long position = 0;
        for (int axis = 0; axis < index.Length; axis++)
        {
            if (index[axis] < 0 || index[axis] >= shape[axis])
                throw new OnnxFormatException($"{what} has index [{string.Join(",", index.ToArray())}] at {at}, outside of {shape}");
            position = position * shape[axis] + index[axis];
        }
        return position;
    }
}
