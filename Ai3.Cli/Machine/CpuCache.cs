using System.Globalization;
using System.Runtime.Intrinsics.X86;

namespace Ai3.Cli;

/// <summary>One cache of the first core.</summary>
/// <param name="Level">1, 2 or 3.</param>
/// <param name="Kind"><c>data</c>, <c>instruction</c> or <c>unified</c>.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sharing">The cores that share it, as the system lists them; empty if unknown.</param>
internal sealed record CpuCache(int Level, string Kind, long Bytes, string Sharing)
{
    private const string Folder = "/sys/devices/system/cpu/cpu0/cache";
    private static readonly string[] CpuIdKinds = ["", "data", "instruction", "unified"];

    /// <summary>The caches, innermost first; empty if the system does not tell.</summary>
    public static IReadOnlyList<CpuCache> Detect()
    {
        IEnumerable<CpuCache> found = Directory.Exists(Folder) ? FromFiles() : FromCpuId();
        return [.. found.OrderBy(c => c.Level).ThenBy(c => c.Kind, StringComparer.Ordinal)];
    }

    private static IEnumerable<CpuCache> FromFiles()
    {
        foreach (string index in Directory.EnumerateDirectories(Folder, "index*"))
        {
            string Read(string file) => File.Exists(Path.Combine(index, file)) ? File.ReadAllText(Path.Combine(index, file)).Trim() : "";
            if (int.TryParse(Read("level"), out int level) && TryParseSize(Read("size"), out long bytes))
                yield return new CpuCache(level, Read("type").ToLowerInvariant(), bytes, Read("shared_cpu_list"));
        }
    }

    private static bool TryParseSize(string text, out long bytes)
    {
        int shift = text.Length == 0 ? 0 : text[^1] switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 };
        bool good = long.TryParse(text.TrimEnd('K', 'M', 'G'), NumberStyles.None, CultureInfo.InvariantCulture, out bytes);
        bytes <<= shift;
        return good;
    }

    // Leaf 4: deterministic cache parameters (Intel; AMD has the same at 0x8000001D).
    private static IEnumerable<CpuCache> FromCpuId()
    {
        for (int i = 0; X86Base.IsSupported && i < 16; i++)
        {
            (int eax, int ebx, int ecx, _) = X86Base.CpuId(4, i);
            int kind = eax & 31;
            if (kind is 0 or > 3)
                yield break;
            long ways = (uint)ebx >> 22, partitions = ebx >> 12 & 0x3FF, line = ebx & 0xFFF;
            yield return new CpuCache(eax >> 5 & 7, CpuIdKinds[kind], (ways + 1) * (partitions + 1) * (line + 1) * ((uint)ecx + 1L), "");
        }
    }
}
