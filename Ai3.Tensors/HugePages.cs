using System.Runtime.InteropServices;

namespace Ai3.Tensors;

/// <summary>
/// Asks Linux for pages of 2 MiB under large buffers: kernels stream through weights and values, and with pages of 4 KiB address
/// translation costs more of that time than the reading. Advice only: elsewhere, or where it is refused, nothing changes.
/// </summary>
internal static unsafe partial class HugePages
{
    /// <summary>Bytes of a huge page.</summary>
    public const int PageBytes = 2 << 20;

    private const int AdviseHugePage = 14;

    /// <summary>The alignment, in bytes, that a buffer of so many bytes should have.</summary>
    public static nuint AlignmentOf(long byteLength) => byteLength >= PageBytes && OperatingSystem.IsLinux() ? PageBytes : (nuint)NativeBuffer.Alignment;

    /// <summary>Advises the whole huge pages of a buffer aligned by <see cref="AlignmentOf"/>; its last part keeps small pages, so that it takes no more memory.</summary>
    public static void Advise(void* memory, long byteLength)
    {
        if (byteLength < PageBytes || !OperatingSystem.IsLinux())
            return;
        try
        {
            _ = AdviseMemory(memory, (nuint)(byteLength / PageBytes * PageBytes), AdviseHugePage);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // A C library by another name: the buffer works as it is.
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int AdviseMemory(void* address, nuint length, int advice);
}
