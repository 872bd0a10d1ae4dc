namespace Ai3.Ops;

/// <summary>
/// The operands of one product C [M, N] = A [M, K] * B [K, N] + initial + row bias + residual, then clamped or activated. Strides are in elements.
/// </summary>
internal unsafe struct GemmOperands
{
    /// <summary>Row-major: element (m, k) is A[m*ARow + k]; transposed: A[k*ARow + m].</summary>
    public float* A;
    public nint ARow;

    /// <summary>Packed panels (<see cref="PanelPacking"/>); not read where panels come from a source.</summary>
    public float* B;

    /// <summary>Row-major; written in whole, and used for partial sums if K takes several blocks.</summary>
    public float* C;
    public nint CRow;

    /// <summary>Added to row m at Initial + m*InitialRow: a bias [N] with InitialRow = 0, or a matrix; null for none.</summary>
    public float* Initial;
    public nint InitialRow;

    /// <summary>One float a row; null for none.</summary>
    public float* RowBias;

    /// <summary>[M, N], added last; may be C itself only if K is one block. Null for none.</summary>
    public float* Residual;
    public nint ResidualRow;

    /// <summary>Whether the result is clamped to [Low, High]; NaN stays NaN.</summary>
    public bool Clamp;
    public float Low;
    public float High;

    /// <summary>What follows the sums, if that is no clamp.</summary>
    public ActivationStrip Activation;
}
