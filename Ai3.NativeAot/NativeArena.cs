using System.Runtime.InteropServices;
using System.Text;

namespace Ai3.NativeAot;

/// <summary>Native memory that C reads: zero-terminated UTF-8 and arrays, given back together. Not for several threads at a time.</summary>
internal sealed unsafe class NativeArena : IDisposable
{
    private readonly List<nint> _blocks = [];

    ~NativeArena() => Free();

    /// <summary>A text with a zero byte at its end.</summary>
    public byte* Text(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        var bytes = (byte*)Allocate(length + 1L, 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(bytes, length));
        bytes[length] = 0;
        return bytes;
    }

    /// <summary>An array of texts.</summary>
    public byte** Texts(IReadOnlyCollection<string> texts)
    {
        var array = (byte**)Allocate(texts.Count, sizeof(byte*));
        int i = 0;
        foreach (string text in texts)
            array[i++] = Text(text);
        return array;
    }

    /// <summary>An array of texts; null stays null.</summary>
    public byte** TextsOrNulls(IReadOnlyList<string?> texts)
    {
        var array = (byte**)Allocate(texts.Count, sizeof(byte*));
        for (int i = 0; i < texts.Count; i++)
            array[i] = texts[i] is { } text ? Text(text) : null;
        return array;
    }

    /// <summary>An array of numbers.</summary>
    public long* Numbers(ReadOnlySpan<long> numbers)
    {
        var array = (long*)Allocate(numbers.Length, sizeof(long));
        numbers.CopyTo(new Span<long>(array, numbers.Length));
        return array;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void* Allocate(long count, int size)
    {
        // One element at least: an array without elements has an address too.
        void* block = NativeMemory.Alloc((nuint)Math.Max(count, 1), (nuint)size);
        _blocks.Add((nint)block);
        return block;
    }

    private void Free()
    {
        foreach (nint block in _blocks)
            NativeMemory.Free((void*)block);
        _blocks.Clear();
    }
}
