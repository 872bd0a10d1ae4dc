using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Elements of one type seen as doubles, for loops that serve every type. Stores round to nearest even.</summary>
internal unsafe interface IElement
{
    static abstract double Load(void* p, nint i);

    static abstract void Store(void* p, nint i, double value);
}

internal readonly unsafe struct Float32Element : IElement
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Load(void* p, nint i) => ((float*)p)[i];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(void* p, nint i, double value) => ((float*)p)[i] = (float)value;
}

internal readonly unsafe struct Float64Element : IElement
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Load(void* p, nint i) => ((double*)p)[i];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(void* p, nint i, double value) => ((double*)p)[i] = value;
}

internal readonly unsafe struct Float16Element : IElement
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Load(void* p, nint i) => (float)((Half*)p)[i];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(void* p, nint i, double value) => ((Half*)p)[i] = (Half)value;
}

internal readonly unsafe struct BFloat16Element : IElement
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Load(void* p, nint i) => (float)((BFloat16*)p)[i];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(void* p, nint i, double value) => ((BFloat16*)p)[i] = (BFloat16)(float)value;
}

internal readonly unsafe struct Int8Element : IElement
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Load(void* p, nint i) => ((sbyte*)p)[i];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(void* p, nint i, double value) => ((sbyte*)p)[i] = (sbyte)Math.Clamp(value, sbyte.MinValue, sbyte.MaxValue);
}

internal readonly unsafe struct UInt8Element : IElement
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Load(void* p, nint i) => ((byte*)p)[i];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(void* p, nint i, double value) => ((byte*)p)[i] = (byte)Math.Clamp(value, byte.MinValue, byte.MaxValue);
}

/// <summary>Code that is compiled for each element type; <see cref="ElementTypes.Select"/> picks one.</summary>
internal interface IElementFunc<TResult>
{
    TResult Create<E>() where E : struct, IElement;
}

/// <summary>The one switch between element types.</summary>
internal static class ElementTypes
{
    public static bool IsKnown(DType type) => type.IsFloat() || type is DType.Int8 or DType.UInt8;

    public static Applicability Supports(DType type) =>
        Applicability.If(IsKnown(type), $"element type is {type.ShortName()}, needs f32, f64, f16, bf16, i8 or u8");

    public static TResult Select<F, TResult>(DType type, F f) where F : struct, IElementFunc<TResult> => type switch
    {
        DType.Float32 => f.Create<Float32Element>(),
        DType.Float64 => f.Create<Float64Element>(),
        DType.Float16 => f.Create<Float16Element>(),
        DType.BFloat16 => f.Create<BFloat16Element>(),
        DType.Int8 => f.Create<Int8Element>(),
        DType.UInt8 => f.Create<UInt8Element>(),
        _ => throw new ArgumentException($"no loops for {type.ShortName()}"),
    };
}
