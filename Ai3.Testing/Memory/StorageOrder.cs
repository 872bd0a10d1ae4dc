using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Where each element of a tensor is in a format, worked out from the format's definition alone.</summary>
internal static class StorageOrder
{
    /// <summary>Elements in storage, padding counted.</summary>
    public static long Count(Shape shape, Format format)
    {
        long count = 1;
        for (int i = 0; i < shape.Rank; i++)
        {
            bool blocked = format.Kind == FormatKind.Blocked && i == format.Axis;
            count *= blocked ? (shape[i] + format.Block - 1) / format.Block * format.Block : shape[i];
        }
        return count;
    }

    /// <summary>The storage position of each element, by row-major index; null if both are the same.</summary>
    public static long[]? Positions(Shape shape, Format format)
    {
        int axis = format.Kind == FormatKind.Blocked ? format.Axis : 1;
        if (format.Kind == FormatKind.Plain || axis >= shape.Rank)
            return null;
        long channels = shape[axis], outer = 1, inner = 1;
        for (int i = 0; i < axis; i++)
            outer *= shape[i];
        for (int i = axis + 1; i < shape.Rank; i++)
            inner *= shape[i];
        long block = format.Kind == FormatKind.Blocked ? format.Block : Math.Max(channels, 1);
        long blocks = (channels + block - 1) / block;
        var positions = new long[outer * channels * inner];
        long at = 0;
        for (long o = 0; o < outer; o++)
            for (long c = 0; c < channels; c++)
                for (long i = 0; i < inner; i++)
                    positions[at++] = ((o * blocks + c / block) * inner + i) * block + c % block;
        return positions;
    }
}
