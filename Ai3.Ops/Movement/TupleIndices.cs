using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Index tuples [batch..., tuples..., k] into data [batch..., k axes..., slice...]: GatherND and ScatterND. Each tuple names a
/// slice of the data that is one run of memory.
/// </summary>
internal sealed class TupleIndices
{
    private readonly long[] _extents;
    private readonly long[] _strides;
    private readonly long _tuplesPerBatch;
    private readonly long _batchStride;

    public TupleIndices(Shape data, Shape indices, int batchDims)
    {
        int k = (int)indices[^1];
        long[] strides = ShapeMath.RowMajorStrides(data.AsSpan());
        _extents = data.ToArray()[batchDims..(batchDims + k)];
        _strides = strides[batchDims..(batchDims + k)];
        _batchStride = batchDims == 0 ? 0 : strides[batchDims - 1];
        _tuplesPerBatch = indices.CountOf(batchDims..^1);
        Tuples = indices.CountOf(..^1);
        SliceLength = data.CountOf((batchDims + k)..);
    }

    /// <summary>How many tuples there are.</summary>
    public long Tuples { get; }

    /// <summary>Elements that a tuple names.</summary>
    public long SliceLength { get; }

    /// <summary>What each component of a tuple is to be below.</summary>
    public ReadOnlySpan<long> Extents => _extents;

    /// <summary>The place in the data of the first element that a tuple names; the indices are known to be in range.</summary>
    public long Place(IndexReader indices, long tuple)
    {
        long place = _batchStride == 0 ? 0 : tuple / _tuplesPerBatch * _batchStride;
        for (int c = 0; c < _extents.Length; c++)
            place += indices.At(tuple * _extents.Length + c, _extents[c]) * _strides[c];
        return place;
    }

    /// <summary>Checks shapes; gives the shape of all slices together, [batch..., tuples..., slice...]; null if k is not known.</summary>
    /// <exception cref="OpException">They contradict each other.</exception>
    public static SymbolicShape? SlicesShape(SymbolicShape data, SymbolicShape indices, long batchDims)
    {
        if (data.Rank < 1 || indices.Rank < 1)
            throw new OpException($"data {data} and indices {indices} must have rank 1 or more");
        if (batchDims < 0 || batchDims >= Math.Min(data.Rank, indices.Rank))
            throw new OpException($"batch_dims is {batchDims}, must be 0 or more and below the ranks of data {data} and indices {indices}");
        int batch = (int)batchDims;
        for (int i = 0; i < batch; i++)
            MovementFacts.Merge(data[i], indices[i], $"batch dimensions {i} of data and indices");
        if (!indices[^1].TryGetValue(out long k))
            return null;
        if (k < 1 || k > data.Rank - batch)
            throw new OpException($"an index has {k} components, must have 1 to {data.Rank - batch} for data {data} and {batch} batch dimensions");
        return SymbolicShape.Create([.. indices.Take(indices.Rank - 1), .. data.Skip(batch + (int)k)]);
    }
}
