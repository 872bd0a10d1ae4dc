using System.Numerics;
using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>What a scatter does with the element that is there and the update.</summary>
internal enum ScatterReduction
{
    /// <summary>The update replaces it.</summary>
    None,
    /// <summary>Sum.</summary>
    Add,
    /// <summary>Product.</summary>
    Mul,
    /// <summary>The larger; NaN if either is.</summary>
    Max,
    /// <summary>The smaller; NaN if either is.</summary>
    Min,
}

/// <summary>A reduction of two elements.</summary>
internal interface IScatterReduce<T> where T : unmanaged
{
    static abstract T Apply(T old, T update);
}

/// <summary>The reductions of every element type: (element there, update) to element.</summary>
internal static class ScatterReductions
{
    /// <summary>A function to be made for an element type and a reduction.</summary>
    public interface IFunc<out TResult>
    {
        TResult Create<T, TReduce>() where T : unmanaged where TReduce : struct, IScatterReduce<T>;
    }

    /// <summary>Which types can be reduced; any can be replaced.</summary>
    public static Applicability Supports(DType type, ScatterReduction reduction) => Applicability.If(
        reduction == ScatterReduction.None || type.IsFloat() || type.IsInteger(), $"element type is {type.ShortName()}, needs a number to reduce");

    public static TResult Select<TFunc, TResult>(DType type, ScatterReduction reduction, TFunc func) where TFunc : struct, IFunc<TResult>
    {
        if (reduction == ScatterReduction.None)
            return ElementSize.Select<Replacing<TFunc, TResult>, TResult>(type, new Replacing<TFunc, TResult>(func));
        return type switch
        {
            DType.Float32 => OfNumber<TFunc, TResult, float>(reduction, func),
            DType.Float64 => OfNumber<TFunc, TResult, double>(reduction, func),
            DType.Float16 => OfNumber<TFunc, TResult, Half>(reduction, func),
            DType.Int8 => OfNumber<TFunc, TResult, sbyte>(reduction, func),
            DType.Int16 => OfNumber<TFunc, TResult, short>(reduction, func),
            DType.Int32 => OfNumber<TFunc, TResult, int>(reduction, func),
            DType.Int64 => OfNumber<TFunc, TResult, long>(reduction, func),
            DType.UInt8 => OfNumber<TFunc, TResult, byte>(reduction, func),
            DType.UInt16 => OfNumber<TFunc, TResult, ushort>(reduction, func),
            DType.UInt32 => OfNumber<TFunc, TResult, uint>(reduction, func),
            DType.UInt64 => OfNumber<TFunc, TResult, ulong>(reduction, func),
            DType.BFloat16 => reduction switch
            {
                ScatterReduction.Add => func.Create<BFloat16, ThroughFloat<Add<float>>>(),
                ScatterReduction.Mul => func.Create<BFloat16, ThroughFloat<Mul<float>>>(),
                ScatterReduction.Max => func.Create<BFloat16, ThroughFloat<Max<float>>>(),
                _ => func.Create<BFloat16, ThroughFloat<Min<float>>>(),
            },
            _ => throw new InvalidOperationException($"{type.ShortName()} has no reductions"),
        };
    }

    private static TResult OfNumber<TFunc, TResult, T>(ScatterReduction reduction, TFunc func) where TFunc : struct, IFunc<TResult>
        where T : unmanaged, INumber<T> => reduction switch
        {
            ScatterReduction.Add => func.Create<T, Add<T>>(),
            ScatterReduction.Mul => func.Create<T, Mul<T>>(),
            ScatterReduction.Max => func.Create<T, Max<T>>(),
            _ => func.Create<T, Min<T>>(),
        };

    private readonly struct Replacing<TFunc, TResult>(TFunc func) : IElementSizeFunc<TResult> where TFunc : struct, IFunc<TResult>
    {
        public TResult Create<T>() where T : unmanaged => func.Create<T, Replace<T>>();
    }

    private readonly struct Replace<T> : IScatterReduce<T> where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static T Apply(T old, T update) => update;
    }

    // Integers wrap round.
    private readonly struct Add<T> : IScatterReduce<T> where T : unmanaged, INumber<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static T Apply(T old, T update) => unchecked(old + update);
    }

    private readonly struct Mul<T> : IScatterReduce<T> where T : unmanaged, INumber<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static T Apply(T old, T update) => unchecked(old * update);
    }

    private readonly struct Max<T> : IScatterReduce<T> where T : unmanaged, INumber<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static T Apply(T old, T update) => T.Max(old, update);
    }

    private readonly struct Min<T> : IScatterReduce<T> where T : unmanaged, INumber<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static T Apply(T old, T update) => T.Min(old, update);
    }

    private readonly struct ThroughFloat<TReduce> : IScatterReduce<BFloat16> where TReduce : struct, IScatterReduce<float>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static BFloat16 Apply(BFloat16 old, BFloat16 update) => (BFloat16)TReduce.Apply(old, update);
    }
}
