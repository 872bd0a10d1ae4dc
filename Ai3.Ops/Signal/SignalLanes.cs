using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>What DFT and STFT share: a worker's memory, and the error of a transform.</summary>
internal static class SignalLanes
{
    /// <summary>Bytes of a worker: real and imaginary parts, then scratch.</summary>
    public static long BytesAWorker(long length, bool isReal, bool inverse) =>
        ShapeMath.RoundUp(ShapeMath.Multiply(sizeof(double), ShapeMath.Add(2 * length, Spectrum.ScratchCount(length, isReal, inverse))), 64);

    /// <summary>
    /// For float32 and narrower the error of a transform in double, about log2(n) 2^-53 sqrt(n) times the norm, is far below one rounding of S.
    /// </summary>
    public static ErrorBound Error(DType type, long length) => type == DType.Float64 ? ErrorBound.TileNorm(Fft.Chain(length) + 8) : ErrorBound.PerElement(2);
}
