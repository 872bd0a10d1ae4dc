using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ai3.Tensors;

/// <summary>
/// Memory of the pinned heap, aligned to 64 bytes, with <see cref="NativeBuffer.Slack"/> readable bytes after its end. Spans over
/// it keep it alive, so that one taken from a tensor that nobody else holds stays valid.
/// </summary>
public sealed unsafe class PinnedBuffer : TensorStorage
{
    private Line[]? _lines;
    private readonly nint _padding;

    /// <summary>Allocates memory.</summary>
    /// <param name="byteLength">Bytes wanted.</param>
    /// <param name="clear">Whether the bytes start as zeros; otherwise only the slack does.</param>
    /// <exception cref="OutOfMemoryException">The system has no more memory.</exception>
    public PinnedBuffer(long byteLength, bool clear = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteLength);
        ByteLength = byteLength;
        // A line for the rest, one for the slack, one to align within: the heap aligns to 8 bytes.
        int lines = checked((int)((byteLength / sizeof(Line)) + 3));
        _lines = clear ? GC.AllocateArray<Line>(lines, pinned: true) : GC.AllocateUninitializedArray<Line>(lines, pinned: true);
        nint start = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_lines));
        _padding = -start & (NativeBuffer.Alignment - 1);
        NativeMemory.Clear((byte*)start + _padding + byteLength, NativeBuffer.Slack);
    }

    /// <inheritdoc/>
    public override nint Address => (nint)Unsafe.AsPointer(ref Start);

    /// <inheritdoc/>
    public override long ByteLength { get; }

    /// <inheritdoc/>
    internal override ref byte Start =>
        ref Unsafe.AddByteOffset(ref Unsafe.As<Line, byte>(ref MemoryMarshal.GetArrayDataReference(_lines ?? throw new ObjectDisposedException(nameof(PinnedBuffer)))), _padding);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _lines = null;

    // Elements of a cache line each, so that an array reaches beyond 2 GiB.
    [InlineArray(NativeBuffer.Alignment)]
    private struct Line
    {
        private byte _first;
    }
}
