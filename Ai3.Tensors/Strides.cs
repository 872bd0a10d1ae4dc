using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Ai3.Tensors;

/// <summary>Facts about strides: for each axis, how far the next element is, in elements; 0 repeats, negative reverses.</summary>
internal static class Strides
{
    /// <summary>True if the elements are one row-major run.</summary>
    public static bool IsContiguous(Shape shape, ReadOnlySpan<long> strides)
    {
        if (shape.Count == 0)
            return true;
        long expected = 1;
        for (int i = shape.Rank - 1; i >= 0; i--)
        {
            if (shape[i] == 1)
                continue;
            if (strides[i] != expected)
                return false;
            expected *= shape[i];
        }
        return true;
    }

    /// <summary>Axes of extent 1 dropped, neighbours that continue each other merged.</summary>
    public static (long[] Extents, long[] Strides) Merge(Shape shape, ReadOnlySpan<long> strides)
    {
        var extents = new List<long>(shape.Rank);
        var merged = new List<long>(shape.Rank);
        for (int i = 0; i < shape.Rank; i++)
        {
            if (shape[i] == 1)
                continue;
            if (extents.Count > 0 && merged[^1] == strides[i] * shape[i])
            {
                extents[^1] *= shape[i];
                merged[^1] = strides[i];
                continue;
            }
            extents.Add(shape[i]);
            merged.Add(strides[i]);
        }
        return ([.. extents], [.. merged]);
    }

    /// <summary>The strides of the same elements under another shape of the same count, if there are any.</summary>
    public static bool TryReshape(Shape from, ReadOnlySpan<long> strides, Shape to, [NotNullWhen(true)] out long[]? result)
    {
        result = ShapeMath.RowMajorStrides(to.AsSpan());
        if (from.Count == 0)
            return true;
        (long[] extents, long[] merged) = Merge(from, strides);
        // Each merged axis must be a product of neighbouring new axes: innermost first, new axes eat it up.
        int axis = extents.Length - 1;
        long left = axis >= 0 ? extents[axis] : 1, stride = axis >= 0 ? merged[axis] : 1;
        for (int i = to.Rank - 1; i >= 0; i--)
        {
            if (to[i] == 1)
                continue;
            if (left == 1)
                (left, stride) = (extents[--axis], merged[axis]);
            if (left % to[i] != 0)
            {
                result = null;
                return false;
            }
            result[i] = stride;
            stride *= to[i];
            left /= to[i];
        }
        return true;
    }

    /// <summary>The strides of a shape that this one is broadcast to, aligned at the last axis.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static ImmutableArray<long> Broadcast(Shape from, ReadOnlySpan<long> strides, Shape to)
    {
        int added = to.Rank - from.Rank;
        var result = new long[to.Rank];
        for (int i = 0; i < to.Rank && added >= 0; i++)
        {
            if (i < added)
                continue;
            if (from[i - added] == to[i])
                result[i] = strides[i - added];
            else if (from[i - added] != 1)
                added = -1;
        }
        return added >= 0 ? [.. result] : throw new ShapeException($"{from} cannot be broadcast to {to}; each dimension must be equal or 1");
    }
}
