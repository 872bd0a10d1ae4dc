using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>What the generators of movement problems have in common.</summary>
internal static class MovementRandom
{
    /// <summary>An element type of 1, 2, 4 or 8 bytes; for the reference also one that shares bytes.</summary>
    public static DType Type(ProblemRequest request, TestRandom random) =>
        (request.Row is null || request.Row.IsReference || request.Row.IsView) && random.Chance(0.2)
            ? random.Pick(DType.Int4, DType.UInt4, DType.Int2, DType.UInt2)
            : random.Chance(0.4) ? DType.Float32
            : random.Pick(DType.Float64, DType.Float16, DType.BFloat16, DType.Int8, DType.UInt8, DType.Int16, DType.Int32, DType.Int64, DType.UInt64, DType.Bool);

    /// <summary>A type of an index input.</summary>
    public static DType IndexType(TestRandom random) => random.Pick(DType.Int64, DType.Int64, DType.Int32);

    /// <summary>Dimensions of a tensor of at most some thousand elements.</summary>
    public static long[] Dims(ProblemRequest request, TestRandom random, int minRank, int maxRank, bool zero = true)
    {
        int rank = random.Between(minRank, maxRank);
        int size = Math.Max(1, rank <= 2 ? request.Size : rank <= 4 ? Math.Min(request.Size, 9) : 4);
        var dims = new long[rank];
        for (int i = 0; i < rank; i++)
            dims[i] = zero ? random.DimOrZero(size, 4, 8, 16, 32) : random.Dim(size, 4, 8, 16, 32);
        return dims;
    }

    /// <summary>Each shape with one dimension halved or one less.</summary>
    public static IEnumerable<(int Axis, long Extent)> Smaller(Shape shape)
    {
        for (int i = 0; i < shape.Rank; i++)
        {
            if (shape[i] > 2)
                yield return (i, shape[i] / 2);
            if (shape[i] > 1)
                yield return (i, shape[i] - 1);
        }
    }

    /// <summary>The shape with one dimension changed.</summary>
    public static Shape With(Shape shape, int axis, long extent)
    {
        long[] dims = shape.ToArray();
        dims[axis] = extent;
        return Shape.Create(dims);
    }
}
