namespace Ai3.Ops;

/// <summary>What one call of a tile micro-kernel reads and writes. Strides are in elements; i is a row, j a column vector (0 or 1), l a lane.</summary>
/// <remarks>
/// <code>
/// y(i, j, l) = sum over t in [0, Taps), k in [0, KPerTap):
///                  A[Offsets[t] + i*ARow + k] * B[(t*KPerTap + k)*BStep + j*Lanes + l]
///            + (Addend0 ? Addend0[i*Addend0Row + j*Addend0Block + l])      C of an earlier pass, or a bias
///            + (Addend1 ? Addend1[i*Addend1Row + j*Addend1Block + l])      a residual
///            + (RowBias ? RowBias[i])
/// C[i*CRow + j*CBlock + l] = Clamp ? min(High, max(Low, y)) : y            NaN stays NaN
/// </code>
/// The sum is one serial chain from zero, in the order of t and k; the additions follow in the order written.
/// A masked kernel has LastColumns valid lanes in its last column vector: of C and the addends it touches no other lane. B is
/// always read in whole vectors. C may be an addend (each row is read before it is stored, all sums before any store).
/// GEMM: Taps = 1, Offsets[0] = 0, CRow = ldc, CBlock = Lanes. NCHWc output: CRow = Lanes, CBlock = the channel block's plane.
/// A bias [N]: row stride 0, block stride Lanes.
/// </remarks>
internal unsafe struct TileArgs
{
    /// <summary>Elements of a cache line of 64 bytes.</summary>
    public const int AheadStep = 16;

    public float* A;
    public nint ARow;

    /// <summary>One offset a tap, relative to A.</summary>
    public nint* Offsets;

    /// <summary>1 or more.</summary>
    public nint Taps;

    /// <summary>1 or more.</summary>
    public nint KPerTap;

    public float* B;

    /// <summary>Elements from one k to the next: the panel's width, or the row stride of a matrix.</summary>
    public nint BStep;

    /// <summary>
    /// What a later tile will read: each k brings <see cref="AheadStep"/> more elements from here into the level 2 cache, so that weights
    /// arrive from memory while other tiles compute. Null for nothing.
    /// </summary>
    public float* Ahead;

    public float* C;
    public nint CRow;
    public nint CBlock;

    /// <summary>May be null.</summary>
    public float* Addend0;
    public nint Addend0Row;
    public nint Addend0Block;

    /// <summary>May be null.</summary>
    public float* Addend1;
    public nint Addend1Row;
    public nint Addend1Block;

    /// <summary>One float a row; may be null.</summary>
    public float* RowBias;

    public bool Clamp;
    public float Low;
    public float High;

    /// <summary>Valid lanes of the last column vector, 1 to Lanes; read by masked kernels only.</summary>
    public int LastColumns;
}
