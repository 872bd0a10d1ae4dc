namespace Ai3.Ops;

/// <summary>The instruction sets that kernels are built for, weakest first.</summary>
public enum IsaLevel
{
    /// <summary>One element at a time.</summary>
    Scalar,
    /// <summary>128-bit vectors: SSE4 or AdvSimd.</summary>
    V128,
    /// <summary>256-bit vectors with fused multiply-add: AVX2 and FMA.</summary>
    Avx2,
    /// <summary>512-bit vectors with masks: AVX-512 F, BW, DQ, VL.</summary>
    Avx512,
}
