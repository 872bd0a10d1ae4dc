using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>A function to be made for a number type.</summary>
internal interface INumberFunc<out TResult>
{
    TResult Create<T>() where T : unmanaged;
}

/// <summary>The switch between the whole-byte number types and bool.</summary>
internal static class NumberTypes
{
    public static TResult Select<TFunc, TResult>(DType type, TFunc func) where TFunc : struct, INumberFunc<TResult> => type switch
    {
        DType.Float32 => func.Create<float>(),
        DType.Float64 => func.Create<double>(),
        DType.Float16 => func.Create<Half>(),
        DType.BFloat16 => func.Create<BFloat16>(),
        DType.Int8 => func.Create<sbyte>(),
        DType.Int16 => func.Create<short>(),
        DType.Int32 => func.Create<int>(),
        DType.Int64 => func.Create<long>(),
        DType.UInt8 => func.Create<byte>(),
        DType.UInt16 => func.Create<ushort>(),
        DType.UInt32 => func.Create<uint>(),
        DType.UInt64 => func.Create<ulong>(),
        DType.Bool => func.Create<bool>(),
        _ => throw new ArgumentException($"{type.ShortName()} is no number type"),
    };

    public static Applicability Supports(DType type) => Applicability.If(TypeSet.NumericOrBool.Has(type), $"{type.ShortName()} is no number type");
}
