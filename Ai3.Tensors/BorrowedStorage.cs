namespace Ai3.Tensors;

/// <summary>Native memory that somebody else owns and keeps alive.</summary>
internal sealed class BorrowedStorage(nint address, long byteLength, object? owner) : TensorStorage
{
    // Keeps a managed owner reachable for as long as the borrow is.
    private readonly object? _owner = owner;

    public override nint Address { get; } = address;

    public override long ByteLength { get; } = byteLength;

    protected override void Dispose(bool disposing) => GC.KeepAlive(_owner);
}
