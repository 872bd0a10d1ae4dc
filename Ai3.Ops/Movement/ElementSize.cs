using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>A function to be made for an unsigned integer type of an element's size.</summary>
internal interface IElementSizeFunc<out TResult>
{
    TResult Create<T>() where T : unmanaged;
}

/// <summary>Element moves depend on the size of elements alone: one body serves 1, 2, 4, 8 and 16 bytes.</summary>
internal static class ElementSize
{
    public static TResult Select<TFunc, TResult>(DType type, TFunc func) where TFunc : struct, IElementSizeFunc<TResult> => type.ByteSize() switch
    {
        1 => func.Create<byte>(),
        2 => func.Create<ushort>(),
        4 => func.Create<uint>(),
        8 => func.Create<ulong>(),
        16 => func.Create<UInt128>(),
        _ => throw new InvalidOperationException($"{type.ShortName()} has no whole-byte elements"),
    };

    /// <summary>Yes for element types of whole bytes.</summary>
    public static Applicability RequireWholeBytes(DType type) =>
        Applicability.If(type.ByteSize() > 0, $"element type is {type.ShortName()}, needs whole bytes");

    /// <summary>Yes for element types that have an address: all but strings.</summary>
    public static Applicability RequireBytes(DType type) =>
        Applicability.If(type.BitsPerElement() > 0, $"element type is {type.ShortName()}, needs native memory");
}
