namespace Ai3.Ops;

/// <summary>Transposes one square of elements in registers.</summary>
internal unsafe interface ITransposeTile<T> where T : unmanaged
{
    /// <summary>Rows and columns of the square.</summary>
    static abstract int Size { get; }

    /// <summary>destination[i * destinationStride + j] = source[j * sourceStride + i]; strides in elements.</summary>
    static abstract void Run(T* source, nint sourceStride, T* destination, nint destinationStride);
}

/// <summary>4 x 4 elements of any size, one at a time.</summary>
internal readonly unsafe struct TransposeTileScalar<T> : ITransposeTile<T> where T : unmanaged
{
    public static int Size => 4;

    public static void Run(T* source, nint sourceStride, T* destination, nint destinationStride)
    {
        for (nint i = 0; i < 4; i++, source++, destination += destinationStride)
        {
            destination[0] = source[0];
            destination[1] = source[sourceStride];
            destination[2] = source[2 * sourceStride];
            destination[3] = source[3 * sourceStride];
        }
    }
}
