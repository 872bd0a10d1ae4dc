using System.Diagnostics.CodeAnalysis;

namespace Ai3.Ops;

/// <summary>The float32 operations one instruction set offers to kernels. V is the raw vector type, never a wrapper.</summary>
/// <remarks>
/// A kernel body is generic over S and V and always instantiated with structs, so each instantiation compiles to that
/// instruction set alone. Pointers need the alignment of an element only. Masks are vectors whose lanes have all bits set or
/// none. "Int" members see the same bits as int32 lanes.
/// </remarks>
internal unsafe partial interface ISimd<V> where V : unmanaged
{
    /// <summary>True if build and processor have the intrinsics used here.</summary>
    static abstract bool IsSupported { get; }

    /// <summary>float32 lanes of V.</summary>
    static abstract int Lanes { get; }

    /// <summary>Vector registers, for choosing tile sizes.</summary>
    static abstract int Registers { get; }

    static abstract V Zero { get; }

    /// <summary>The value in every lane.</summary>
    static abstract V Create(float value);

    /// <summary>The bits in every lane.</summary>
    static abstract V CreateInt(int bits);

    static abstract V Load(float* p);

    static abstract void Store(V v, float* p);

    /// <summary>The first <paramref name="n"/> lanes from memory, 0 &lt; n &lt;= Lanes, zeros in the rest; touches nothing else.</summary>
    static abstract V LoadPartial(float* p, int n);

    /// <summary>Stores the first <paramref name="n"/> lanes, 0 &lt; n &lt;= Lanes; touches nothing else.</summary>
    static abstract void StorePartial(V v, float* p, int n);

    /// <summary>*p in every lane.</summary>
    static abstract V Splat(float* p);

    static abstract V Add(V a, V b);

    static abstract V Sub(V a, V b);

    static abstract V Mul(V a, V b);

    static abstract V Div(V a, V b);

    /// <summary>a*b + c, fused where the hardware fuses (bits differ between instruction sets); c is best the destination.</summary>
    static abstract V MulAdd(V a, V b, V c);

    /// <summary>a*b - c, fused as <see cref="MulAdd"/>.</summary>
    static abstract V MulSub(V a, V b, V c);

    /// <summary>c - a*b, fused as <see cref="MulAdd"/>.</summary>
    static abstract V NegMulAdd(V a, V b, V c);

    /// <summary>a &lt; b ? a : b, so b if a lane of either is NaN or both are zero: Min(bound, x) keeps a NaN x.</summary>
    static abstract V Min(V a, V b);

    /// <summary>a &gt; b ? a : b, so b if a lane of either is NaN or both are zero: Max(bound, x) keeps a NaN x.</summary>
    static abstract V Max(V a, V b);

    static abstract V Sqrt(V a);

    static abstract V Abs(V a);

    static abstract V Negate(V a);

    static abstract V Floor(V a);

    static abstract V Ceiling(V a);

    static abstract V Truncate(V a);

    /// <summary>To the nearest integer, ties to even.</summary>
    static abstract V RoundToEven(V a);

    static abstract V And(V a, V b);

    /// <summary>~mask &amp; a.</summary>
    static abstract V AndNot(V mask, V a);

    static abstract V Or(V a, V b);

    static abstract V Xor(V a, V b);

    /// <summary>Mask of a &lt; b; clear where either is NaN.</summary>
    static abstract V LessThan(V a, V b);

    /// <summary>Mask of a &lt;= b; clear where either is NaN.</summary>
    static abstract V LessOrEqual(V a, V b);

    /// <summary>Mask of a == b; clear where either is NaN.</summary>
    static abstract V Equal(V a, V b);

    /// <summary>Mask of NaN lanes.</summary>
    static abstract V IsNaN(V a);

    /// <summary>mask ? a : b.</summary>
    static abstract V Select(V mask, V a, V b);

    /// <summary>int32 lanes, rounded to nearest, ties to even; |a| must be below 2^31.</summary>
    static abstract V ToInt(V a);

    /// <summary>The int32 lanes as float32, rounded to nearest.</summary>
    static abstract V FromInt(V a);

    /// <summary>a * 2^n with one rounding, also to denormals and infinity; n is integral and |n| at most 250.</summary>
    static abstract V Scale(V a, V n);

    static abstract V AddInt(V a, V b);

    static abstract V SubInt(V a, V b);

    static abstract V ShiftLeftInt(V a, [ConstantExpected] byte count);

    /// <summary>Shifts zeros in.</summary>
    static abstract V ShiftRightInt(V a, [ConstantExpected] byte count);

    /// <summary>Shifts the sign in.</summary>
    static abstract V ShiftRightSignedInt(V a, [ConstantExpected] byte count);

    /// <summary>The sum of the lanes: upper half added to lower half until one lane is left.</summary>
    static abstract float Sum(V a);

    /// <summary>The largest lane; unspecified if a lane is NaN.</summary>
    static abstract float MaxAcross(V a);

    /// <summary>The smallest lane; unspecified if a lane is NaN.</summary>
    static abstract float MinAcross(V a);
}
