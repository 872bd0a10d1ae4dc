using System.Runtime.InteropServices;

namespace Ai3.Testing;

/// <summary>Whole pages of memory between two pages that may be neither read nor written. Unix only.</summary>
internal sealed unsafe partial class GuardedPages : IDisposable
{
    private const int ProtNone = 0, ProtRead = 1, ProtWrite = 2, MapPrivate = 2;

    private static readonly int s_mapAnonymous = OperatingSystem.IsMacOS() ? 0x1000 : 0x20;

    private readonly nint _start;
    private readonly nuint _mapped;

    public GuardedPages(long bytes)
    {
        long page = Environment.SystemPageSize;
        Length = (bytes + page - 1) / page * page;
        _mapped = (nuint)(Length + 2 * page);
        _start = Map(0, _mapped, ProtNone, MapPrivate | s_mapAnonymous, -1, 0);
        if (_start == -1)
            throw new InvalidOperationException($"cannot map {_mapped} bytes");
        Address = _start + (nint)page;
        if (Length > 0 && Protect(Address, (nuint)Length, ProtRead | ProtWrite) != 0)
            throw new InvalidOperationException("cannot make pages writable");
    }

    public static bool IsSupported => OperatingSystem.IsLinux() || OperatingSystem.IsMacOS();

    /// <summary>The first usable byte; the one before is unreadable.</summary>
    public nint Address { get; }

    /// <summary>Usable bytes: whole pages; the byte after them is unreadable.</summary>
    public long Length { get; }

    public void Dispose() => Unmap(_start, _mapped);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);
}
