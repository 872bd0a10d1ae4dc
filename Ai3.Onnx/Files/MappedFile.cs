using System.IO.MemoryMappedFiles;
using Ai3.Tensors;
using Microsoft.Win32.SafeHandles;

namespace Ai3.Onnx;

/// <summary>A file in the address space, read-only. Pages come in when they are read.</summary>
internal sealed class MappedFile : TensorStorage
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly nint _address;
    private bool _disposed;

    /// <summary>Maps the whole file; the handle may be closed afterwards.</summary>
    public MappedFile(SafeFileHandle handle, long length)
    {
        ByteLength = length;
        if (length == 0)
            return;
        _file = MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        // Held so that only Dispose unmaps: a finalizer could take the pages from under a span.
        bool held = false;
        _view.SafeMemoryMappedViewHandle.DangerousAddRef(ref held);
        _address = _view.SafeMemoryMappedViewHandle.DangerousGetHandle() + (nint)_view.PointerOffset;
    }

    public override nint Address => !_disposed ? _address : throw new ObjectDisposedException(nameof(MappedFile));

    public override long ByteLength { get; }

    public override bool IsReadOnly => true;

    protected override void Dispose(bool disposing)
    {
        if (_disposed)
            return;
        _disposed = true;
        _view?.SafeMemoryMappedViewHandle.DangerousRelease();
        _view?.Dispose();
        _file?.Dispose();
    }
}
