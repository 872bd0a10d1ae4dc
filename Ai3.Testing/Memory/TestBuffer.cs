using System.Runtime.InteropServices;

namespace Ai3.Testing;

/// <summary>
/// Memory of an exact size for one operand. Bytes round it that can be written hold a known value, and the rest, if the
/// placement says so, cannot be touched at all.
/// </summary>
internal sealed unsafe class TestBuffer : IDisposable
{
    private const int Margin = 128;
    private const byte Canary = 0xC7;

    private readonly GuardedPages? _pages;
    private void* _heap;
    private readonly byte* _first;
    private readonly byte* _end;

    /// <summary>Allocates.</summary>
    /// <param name="length">Bytes.</param>
    /// <param name="alignment">What the address is a multiple of, and with <see cref="Placement.Canary"/> of no greater power of two.</param>
    /// <param name="placement">Where.</param>
    public TestBuffer(long length, int alignment, Placement placement)
    {
        Length = length;
        if (placement == Placement.Canary)
        {
            long total = length + 2 * Margin + 2 * 64;
            _heap = NativeMemory.AlignedAlloc((nuint)total, 64);
            _first = (byte*)_heap;
            _end = _first + total;
            Start = _first + Margin + (alignment < 64 ? alignment : 0);
        }
        else
        {
            _pages = new GuardedPages(length + alignment);
            _first = (byte*)_pages.Address;
            _end = _first + _pages.Length;
            Start = placement == Placement.GuardStart ? _first : (byte*)((nint)(_end - length) & -alignment);
        }
        new Span<byte>(_first, (int)(_end - _first)).Fill(Canary);
    }

    /// <summary>The first byte.</summary>
    public byte* Start { get; }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>The address of the first byte.</summary>
    public nint Address => (nint)Start;

    /// <summary>The bytes.</summary>
    public Span<byte> Bytes => new(Start, (int)Length);

    /// <summary>The offset of the first byte round the buffer that has been overwritten, or null.</summary>
    public long? FirstOverwritten()
    {
        int before = new ReadOnlySpan<byte>(_first, (int)(Start - _first)).LastIndexOfAnyExcept(Canary);
        if (before >= 0)
            return _first + before - Start;
        byte* end = Start + Length;
        int after = new ReadOnlySpan<byte>(end, (int)(_end - end)).IndexOfAnyExcept(Canary);
        return after >= 0 ? Length + after : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pages?.Dispose();
        NativeMemory.AlignedFree(_heap);
        _heap = null;
    }
}
