using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Walks the elements of an index tensor [.., n] row by row, with the place in the data of each element whose coordinate along an
/// axis an index replaces: GatherElements and ScatterElements.
/// </summary>
internal sealed class ElementIndices
{
    private readonly long[] _extents;
    private readonly long[] _strides;

    public ElementIndices(Shape data, Shape indices, int axis)
    {
        _extents = indices.ToArray();
        _strides = ShapeMath.RowMajorStrides(data.AsSpan());
        AxisExtent = data[axis];
        AxisStride = _strides[axis];
        _strides[axis] = 0;
        RowLength = _extents[^1];
        Count = indices.Count;
        Rows = RowLength == 0 ? 0 : Count / RowLength;
    }

    /// <summary>Elements of the index tensor.</summary>
    public long Count { get; }

    /// <summary>Rows along the innermost axis.</summary>
    public long Rows { get; }

    /// <summary>Elements of a row.</summary>
    public long RowLength { get; }

    /// <summary>The data's extent along the axis.</summary>
    public long AxisExtent { get; }

    /// <summary>How far the place moves when an index grows by 1.</summary>
    public long AxisStride { get; }

    /// <summary>How far the place moves along a row, the index left out: 0 if the axis is the innermost.</summary>
    public long RowStep => _strides[^1];

    /// <summary>The place in the data of a row's first element with index 0.</summary>
    public long RowBase(long row)
    {
        long place = 0;
        for (int i = _extents.Length - 2; i >= 0; i--)
        {
            long next = row / _extents[i];
            place += (row - next * _extents[i]) * _strides[i];
            row = next;
        }
        return place;
    }

    /// <summary>Checks that the index tensor has the data's rank and reaches outside it nowhere except along the axis.</summary>
    /// <exception cref="OpException">It does not fit.</exception>
    public static void CheckShapes(SymbolicShape data, SymbolicShape indices, int axis)
    {
        if (data.Rank != indices.Rank)
            throw new OpException($"indices have shape {indices}, must have the rank of the data {data}");
        for (int i = 0; i < data.Rank; i++)
            if (i != axis && data[i].TryGetValue(out long extent) && indices[i].TryGetValue(out long reach) && reach > extent)
                throw new OpException($"indices have shape {indices}, may not be larger than the data {data} except along axis {axis}");
    }
}
