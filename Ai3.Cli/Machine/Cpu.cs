using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using Ai3.Ops;

namespace Ai3.Cli;

/// <summary>What the processor has, asked of the processor and the system, whatever this build was compiled for.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Level">The strongest level that processor and system support.</param>
/// <param name="Features">Extensions beyond the levels that are of interest.</param>
internal sealed record Cpu(string Name, IsaLevel Level, IReadOnlyList<string> Features)
{
    private static readonly string[] Avx2Flags = ["avx2", "fma"];
    private static readonly string[] Avx512Flags = ["avx512f", "avx512bw", "avx512dq", "avx512vl"];
    private static readonly string[] Interesting = ["f16c", "avx_vnni", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_tile", "amx_int8", "amx_bf16", "asimddp", "i8mm", "bf16", "sve", "sve2"];

    public static Cpu Detect()
    {
        HashSet<string> flags = OperatingSystem.IsLinux() && File.Exists("/proc/cpuinfo") ? LinuxFlags() : [];
        string name = flags.FirstOrDefault(f => f.StartsWith("name:", StringComparison.Ordinal))?[5..] ?? BrandString() ?? RuntimeInformation.ProcessArchitecture.ToString();
        if (flags.Count <= 1)
            flags.UnionWith(CpuIdFlags());
        return new Cpu(name, LevelOf(flags), [.. Interesting.Where(flags.Contains)]);
    }

    private static IsaLevel LevelOf(HashSet<string> flags) =>
        Avx2Flags.Concat(Avx512Flags).All(flags.Contains) ? IsaLevel.Avx512
        : Avx2Flags.All(flags.Contains) ? IsaLevel.Avx2
        : flags.Contains("sse4_1") || flags.Contains("asimd") || RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? IsaLevel.V128
        : IsaLevel.Scalar;

    // The kernel lists a flag only if it also saves the registers.
    private static HashSet<string> LinuxFlags()
    {
        var flags = new HashSet<string>(StringComparer.Ordinal);
        foreach (string line in File.ReadLines("/proc/cpuinfo"))
        {
            int colon = line.IndexOf(':');
            if (colon < 0)
            {
                if (flags.Count > 0)
                    break;
                continue;
            }
            string key = line[..colon].Trim(), value = line[(colon + 1)..].Trim();
            if (key == "model name")
                flags.Add("name:" + value);
            else if (key is "flags" or "Features")
                flags.UnionWith(value.Split(' '));
        }
        return flags;
    }

    private static IEnumerable<string> CpuIdFlags()
    {
        if (!X86Base.IsSupported)
            yield break;
        (_, _, int ecx, _) = X86Base.CpuId(1, 0);
        if (Bit(ecx, 19)) yield return "sse4_1";
        // Without OSXSAVE the system does not save the wide registers.
        if (!Bit(ecx, 27))
            yield break;
        if (Bit(ecx, 12)) yield return "fma";
        if (Bit(ecx, 29)) yield return "f16c";
        (_, int ebx, int ecx7, _) = X86Base.CpuId(7, 0);
        if (Bit(ebx, 5)) yield return "avx2";
        if (Bit(ebx, 16)) yield return "avx512f";
        if (Bit(ebx, 17)) yield return "avx512dq";
        if (Bit(ebx, 30)) yield return "avx512bw";
        if (Bit(ebx, 31)) yield return "avx512vl";
        if (Bit(ecx7, 11)) yield return "avx512_vnni";
    }

    private static string? BrandString()
    {
        if (!X86Base.IsSupported || (uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax < 0x80000004)
            return null;
        var bytes = new List<byte>(48);
        for (int leaf = 2; leaf <= 4; leaf++)
        {
            (int eax, int ebx, int ecx, int edx) = X86Base.CpuId(unchecked((int)0x80000000) + leaf, 0);
            foreach (int word in new[] { eax, ebx, ecx, edx })
                bytes.AddRange(BitConverter.GetBytes(word));
        }
        return Encoding.ASCII.GetString([.. bytes]).Trim('\0', ' ');
    }

    private static bool Bit(int word, int bit) => (word >> bit & 1) != 0;
}
