using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Constants in an algorithm's own layout, made once by its <c>Pack</c> and shared by every kernel with the same key.</summary>
/// <param name="buffer">The memory, owned by this object.</param>
public sealed class PackedConstants(NativeBuffer buffer) : IDisposable
{
    /// <summary>Where the packed bytes begin, 64-byte aligned.</summary>
    public nint Address => buffer.Address;

    /// <summary>Bytes held.</summary>
    public long ByteLength => buffer.ByteLength;

    /// <summary>New packed constants with memory of a size, zeroed.</summary>
    public static PackedConstants Allocate(long bytes) => new(new NativeBuffer(bytes, clear: true));

    /// <inheritdoc/>
    public void Dispose() => buffer.Dispose();
}
