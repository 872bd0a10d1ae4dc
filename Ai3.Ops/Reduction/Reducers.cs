using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>A reduction in float32 vectors whose partial results are combined in double.</summary>
internal interface IReducer
{
    /// <summary>The result of no elements.</summary>
    static abstract float Start { get; }

    /// <summary>True if the shift is the greatest element, which takes a pass before.</summary>
    static virtual bool NeedsShift => false;

    /// <summary>Takes in one element a lane.</summary>
    static abstract V Accumulate<S, V>(V sum, V x, V shift) where S : struct, ISimd<V> where V : unmanaged;

    /// <summary>Two partial results.</summary>
    static abstract V Combine<S, V>(V a, V b) where S : struct, ISimd<V> where V : unmanaged;

    /// <summary>The lanes' partial results.</summary>
    static abstract float Across<S, V>(V v) where S : struct, ISimd<V> where V : unmanaged;

    /// <summary>Two partial results.</summary>
    static abstract double Combine(double a, double b);

    /// <summary>True if a total may be wrong because terms left float32's range: then it is taken again in double.</summary>
    static virtual bool IsLost(double total) => false;

    /// <summary>Takes in one element, in double.</summary>
    static virtual double AccumulateDouble(double total, double x) => total;

    /// <summary>The output element.</summary>
    static virtual double Finish(double total, double count, double shift) => total;
}

/// <summary>sum x.</summary>
internal readonly struct SumReducer : IReducer
{
    public static float Start => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Accumulate<S, V>(V sum, V x, V shift) where S : struct, ISimd<V> where V : unmanaged => S.Add(sum, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<S, V>(V a, V b) where S : struct, ISimd<V> where V : unmanaged => S.Add(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Across<S, V>(V v) where S : struct, ISimd<V> where V : unmanaged => S.Sum(v);

    public static double Combine(double a, double b) => a + b;
}

/// <summary>sum x / n.</summary>
internal readonly struct MeanReducer : IReducer
{
    public static float Start => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Accumulate<S, V>(V sum, V x, V shift) where S : struct, ISimd<V> where V : unmanaged => S.Add(sum, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<S, V>(V a, V b) where S : struct, ISimd<V> where V : unmanaged => S.Add(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Across<S, V>(V v) where S : struct, ISimd<V> where V : unmanaged => S.Sum(v);

    public static double Combine(double a, double b) => a + b;

    public static double Finish(double total, double count, double shift) => total / count;
}

/// <summary>log(sum x).</summary>
internal readonly struct LogSumReducer : IReducer
{
    public static float Start => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Accumulate<S, V>(V sum, V x, V shift) where S : struct, ISimd<V> where V : unmanaged => S.Add(sum, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<S, V>(V a, V b) where S : struct, ISimd<V> where V : unmanaged => S.Add(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Across<S, V>(V v) where S : struct, ISimd<V> where V : unmanaged => S.Sum(v);

    public static double Combine(double a, double b) => a + b;

    public static double Finish(double total, double count, double shift) => Math.Log(total);
}

/// <summary>sum |x|.</summary>
internal readonly struct L1Reducer : IReducer
{
    public static float Start => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Accumulate<S, V>(V sum, V x, V shift) where S : struct, ISimd<V> where V : unmanaged => S.Add(sum, S.Abs(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<S, V>(V a, V b) where S : struct, ISimd<V> where V : unmanaged => S.Add(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Across<S, V>(V v) where S : struct, ISimd<V> where V : unmanaged => S.Sum(v);

    public static double Combine(double a, double b) => a + b;
}

/// <summary>sum x^2.</summary>
internal readonly struct SumSquareReducer : IReducer
{
    public static float Start => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Accumulate<S, V>(V sum, V x, V shift) where S : struct, ISimd<V> where V : unmanaged => S.MulAdd(x, x, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<S, V>(V a, V b) where S : struct, ISimd<V> where V : unmanaged => S.Add(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Across<S, V>(V v) where S : struct, ISimd<V> where V : unmanaged => S.Sum(v);

    public static double Combine(double a, double b) => a + b;
}

/// <summary>sqrt(sum x^2).</summary>
internal readonly struct L2Reducer : IReducer
{
    public static float Start => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Accumulate<S, V>(V sum, V x, V shift) where S : struct, ISimd<V> where V : unmanaged => S.MulAdd(x, x, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<S, V>(V a, V b) where S : struct, ISimd<V> where V : unmanaged => S.Add(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Across<S, V>(V v) where S : struct, ISimd<V> where V : unmanaged => S.Sum(v);

    public static double Combine(double a, double b) => a + b;

    // Squares overflow long before their root does, and vanish: below 2^-100 the lost ones may count.
    public static bool IsLost(double total) => double.IsPositiveInfinity(total) || total < 7.9e-31;

    public static double AccumulateDouble(double total, double x) => total + x * x;

    public static double Finish(double total, double count, double shift) => Math.Sqrt(total);
}

/// <summary>The greatest; a NaN stays.</summary>
internal readonly struct MaxReducer : IReducer
{
    public static float Start => float.NegativeInfinity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Accumulate<S, V>(V sum, V x, V shift) where S : struct, ISimd<V> where V : unmanaged => Combine<S, V>(sum, x);

    // Max keeps a NaN in its second operand only.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<S, V>(V a, V b) where S : struct, ISimd<V> where V : unmanaged => S.Select(S.IsNaN(a), a, S.Max(a, b));

    public static unsafe float Across<S, V>(V v) where S : struct, ISimd<V> where V : unmanaged
    {
        float* lanes = stackalloc float[16];
        S.Store(v, lanes);
        float result = lanes[0];
        for (int i = 1; i < S.Lanes; i++)
            result = MathF.Max(result, lanes[i]);
        return result;
    }

    public static double Combine(double a, double b) => Math.Max(a, b);
}

/// <summary>The least; a NaN stays.</summary>
internal readonly struct MinReducer : IReducer
{
    public static float Start => float.PositiveInfinity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Accumulate<S, V>(V sum, V x, V shift) where S : struct, ISimd<V> where V : unmanaged => Combine<S, V>(sum, x);

    // Min keeps a NaN in its second operand only.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<S, V>(V a, V b) where S : struct, ISimd<V> where V : unmanaged => S.Select(S.IsNaN(a), a, S.Min(a, b));

    public static unsafe float Across<S, V>(V v) where S : struct, ISimd<V> where V : unmanaged
    {
        float* lanes = stackalloc float[16];
        S.Store(v, lanes);
        float result = lanes[0];
        for (int i = 1; i < S.Lanes; i++)
            result = MathF.Min(result, lanes[i]);
        return result;
    }

    public static double Combine(double a, double b) => Math.Min(a, b);
}

/// <summary>log(sum e^x), computed as shift + log(sum e^(x - shift)) with the greatest x as shift.</summary>
internal readonly struct LogSumExpReducer : IReducer
{
    public static float Start => 0;

    public static bool NeedsShift => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Accumulate<S, V>(V sum, V x, V shift) where S : struct, ISimd<V> where V : unmanaged =>
        S.Add(sum, VectorMath.Exp<S, V>(S.Sub(x, shift)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<S, V>(V a, V b) where S : struct, ISimd<V> where V : unmanaged => S.Add(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Across<S, V>(V v) where S : struct, ISimd<V> where V : unmanaged => S.Sum(v);

    public static double Combine(double a, double b) => a + b;

    public static double Finish(double total, double count, double shift) => shift + Math.Log(total);
}
