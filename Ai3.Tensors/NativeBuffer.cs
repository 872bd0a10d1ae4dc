using System.Runtime.InteropServices;

namespace Ai3.Tensors;

/// <summary>Native memory, aligned to 64 bytes or more, with <see cref="Slack"/> readable bytes after its end.</summary>
public sealed unsafe class NativeBuffer : TensorStorage
{
    /// <summary>Alignment in bytes: a cache line, and the widest vector.</summary>
    public const int Alignment = 64;

    /// <summary>Bytes after the end that a kernel may read (never write): one widest vector.</summary>
    public const int Slack = 64;

    private void* _memory;
    private readonly long _byteLength;

    /// <summary>Allocates memory.</summary>
    /// <param name="byteLength">Bytes wanted.</param>
    /// <param name="clear">Whether the bytes start as zeros; otherwise only the slack does.</param>
    /// <exception cref="OutOfMemoryException">The system has no more memory.</exception>
    public NativeBuffer(long byteLength, bool clear = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteLength);
        _memory = NativeMemory.AlignedAlloc(checked((nuint)byteLength + Slack), HugePages.AlignmentOf(byteLength));
        HugePages.Advise(_memory, byteLength);
        _byteLength = byteLength;
        GC.AddMemoryPressure(byteLength + Slack);
        if (clear)
            NativeMemory.Clear(_memory, (nuint)byteLength + Slack);
        else
            NativeMemory.Clear((byte*)_memory + byteLength, Slack);
    }

    /// <summary>Frees memory that was not disposed.</summary>
    ~NativeBuffer() => Dispose(false);

    /// <inheritdoc/>
    public override nint Address => _memory != null ? (nint)_memory : throw new ObjectDisposedException(nameof(NativeBuffer));

    /// <inheritdoc/>
    public override long ByteLength => _byteLength;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        void* memory = _memory;
        if (memory == null)
            return;
        _memory = null;
        NativeMemory.AlignedFree(memory);
        GC.RemoveMemoryPressure(_byteLength + Slack);
    }
}
