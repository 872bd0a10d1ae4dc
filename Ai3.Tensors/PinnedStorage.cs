using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ai3.Tensors;

/// <summary>A caller's <see cref="Memory{T}"/>, pinned for as long as this lives.</summary>
internal sealed unsafe class PinnedStorage<T> : TensorStorage where T : unmanaged
{
    private readonly ReadOnlyMemory<T> _memory;
    private MemoryHandle _handle;
    private bool _disposed;

    public PinnedStorage(ReadOnlyMemory<T> memory, bool readOnly)
    {
        _memory = memory;
        _handle = memory.Pin();
        IsReadOnly = readOnly;
    }

    ~PinnedStorage() => Dispose(false);

    public override nint Address => _disposed ? throw Disposed() : (nint)_handle.Pointer;

    public override long ByteLength => (long)_memory.Length * sizeof(T);

    public override bool IsReadOnly { get; }

    // Of the memory itself, not of the pin: it follows the elements once the pin is gone.
    internal override ref byte Start
    {
        get
        {
            if (_disposed)
                throw Disposed();
            return ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(_memory.Span));
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (_disposed)
            return;
        _disposed = true;
        _handle.Dispose();
    }

    private static ObjectDisposedException Disposed() => new(nameof(Tensor));
}
