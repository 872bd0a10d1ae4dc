namespace Ai3.Ops;

/// <summary>
/// The transforms of one tile size F(m x m, 3x3) along one direction, all lanes of a vector. A tile with m outputs reads m + 2 inputs and
/// is evaluated at 0, at pairs of points p and -p, and at infinity; <see cref="WinogradMatrices"/> has the formulas.
/// </summary>
/// <remarks>
/// Points and every coefficient are exact in float32, so that only operations round. A pair shares its even and odd parts, which halves the
/// arithmetic.
/// </remarks>
internal unsafe interface IWinogradTile
{
    /// <summary>Outputs along a tile's side: as many as there are points in pairs.</summary>
    static abstract int Outputs { get; }

    /// <summary>The positive point of each pair.</summary>
    static abstract ReadOnlySpan<double> Points { get; }

    /// <summary>Roundings on the longest way through <see cref="Input"/> where multiply-adds are not fused.</summary>
    static abstract int InputRoundings { get; }

    /// <summary>Roundings on the longest way through <see cref="Output"/> where multiply-adds are not fused.</summary>
    static abstract int OutputRoundings { get; }

    /// <summary>r = B' d: m + 2 vectors from m + 2, <paramref name="step"/> and <paramref name="resultStep"/> elements apart.</summary>
    static abstract void Input<S, V>(float* d, nint step, float* r, nint resultStep) where S : struct, ISimd<V> where V : unmanaged;

    /// <summary>r = A' p: m vectors from m + 2, <paramref name="step"/> and <paramref name="resultStep"/> elements apart.</summary>
    static abstract void Output<S, V>(float* p, nint step, float* r, nint resultStep) where S : struct, ISimd<V> where V : unmanaged;
}
