using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>Two sums over a block of contiguous elements, in float32 and four vectors each.</summary>
internal static unsafe class RowSums
{
    /// <summary>Elements whose sum is float32 throughout; between such blocks sums are double.</summary>
    public const int Block = 4096;

    /// <summary>The longest chain of roundings in a block: an accumulator's share, and up to 6 of the tree over accumulators and lanes.</summary>
    public static double Chain(double length, int lanes) => Math.Min(Block, length) / (4.0 * lanes) + 10;

    /// <summary>The sums of the terms, blocks added in double.</summary>
    public static (double First, double Second) Over<S, V, T>(RowSegments row, float shift) where S : struct, ISimd<V> where V : unmanaged where T : struct, IRowTerms
    {
        double first = 0, second = 0;
        for (nint s = 0; s < row.Segments; s++)
            for (nint done = 0; done < row.Length; done += Block)
            {
                (float one, float two) = Of<S, V, T>(row.Segment(s) + done, Math.Min(Block, row.Length - done), shift);
                first += one;
                second += two;
            }
        return (first, second);
    }

    /// <summary>The sums of n elements' terms.</summary>
    public static (float First, float Second) Of<S, V, T>(float* x, nint n, float shift)
        where S : struct, ISimd<V> where V : unmanaged where T : struct, IRowTerms
    {
        V a0 = S.Zero, a1 = S.Zero, a2 = S.Zero, a3 = S.Zero, b0 = S.Zero, b1 = S.Zero, b2 = S.Zero, b3 = S.Zero;
        V c = S.Create(shift);
        nint i = 0;
        for (; i + 4 * S.Lanes <= n; i += 4 * S.Lanes)
        {
            T.Add<S, V>(S.Load(x + i), c, ref a0, ref b0);
            T.Add<S, V>(S.Load(x + i + S.Lanes), c, ref a1, ref b1);
            T.Add<S, V>(S.Load(x + i + 2 * S.Lanes), c, ref a2, ref b2);
            T.Add<S, V>(S.Load(x + i + 3 * S.Lanes), c, ref a3, ref b3);
        }
        for (; i + S.Lanes <= n; i += S.Lanes)
            T.Add<S, V>(S.Load(x + i), c, ref a0, ref b0);
        float tail = 0, tailSquares = 0;
        for (; i < n; i++)
            T.Add<SimdScalar, float>(x[i], shift, ref tail, ref tailSquares);
        return (S.Sum(S.Add(S.Add(a0, a1), S.Add(a2, a3))) + tail, S.Sum(S.Add(S.Add(b0, b1), S.Add(b2, b3))) + tailSquares);
    }
}

/// <summary>What one pass adds up of each element.</summary>
internal interface IRowTerms
{
    static abstract void Add<S, V>(V x, V shift, ref V first, ref V second) where S : struct, ISimd<V> where V : unmanaged;
}

/// <summary>x.</summary>
internal readonly struct PlainTerms : IRowTerms
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add<S, V>(V x, V shift, ref V first, ref V second) where S : struct, ISimd<V> where V : unmanaged => first = S.Add(first, x);
}

/// <summary>|x|.</summary>
internal readonly struct MagnitudeTerms : IRowTerms
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add<S, V>(V x, V shift, ref V first, ref V second) where S : struct, ISimd<V> where V : unmanaged => first = S.Add(first, S.Abs(x));
}

/// <summary>x - shift and its square.</summary>
internal readonly struct CenteredTerms : IRowTerms
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add<S, V>(V x, V shift, ref V first, ref V second) where S : struct, ISimd<V> where V : unmanaged
    {
        V d = S.Sub(x, shift);
        first = S.Add(first, d);
        second = S.MulAdd(d, d, second);
    }
}
