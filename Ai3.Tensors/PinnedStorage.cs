using System.Buffers;

namespace Ai3.Tensors;

/// <summary>A caller's <see cref="Memory{T}"/>, pinned for as long as this lives.</summary>
internal sealed unsafe class PinnedStorage : TensorStorage
{
    private MemoryHandle _handle;
    private bool _disposed;

    private PinnedStorage(MemoryHandle handle, long byteLength, bool readOnly)
    {
        _handle = handle;
        ByteLength = byteLength;
        IsReadOnly = readOnly;
    }

    public static PinnedStorage Pin<T>(ReadOnlyMemory<T> memory, bool readOnly) where T : unmanaged =>
        new(memory.Pin(), (long)memory.Length * sizeof(T), readOnly);

    ~PinnedStorage() => Dispose(false);

    public override nint Address => _disposed ? throw new ObjectDisposedException(nameof(PinnedStorage)) : (nint)_handle.Pointer;

    public override long ByteLength { get; }

    public override bool IsReadOnly { get; }

    protected override void Dispose(bool disposing)
    {
        if (_disposed)
            return;
        _disposed = true;
        _handle.Dispose();
    }
}
