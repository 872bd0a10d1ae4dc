namespace Ai3.Ops;

/// <summary>The transposition of a square with as many rows as a vector has lanes.</summary>
internal static unsafe class LaneTranspose
{
    /// <summary>destination[i * destinationStride + j] = source[j * sourceStride + i]; the arguments are source, its stride, destination, its stride.</summary>
    public static delegate*<uint*, nint, uint*, nint, void> Of(IsaLevel level) => level switch
    {
        IsaLevel.Avx512 => &TransposeTile16x16Avx512.Run,
        IsaLevel.Avx2 => &TransposeTile8x8Avx.Run,
        _ => &TransposeTile4x4.Run,
    };
}
