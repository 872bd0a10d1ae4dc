using Ai3.Onnx.Protos;
using Ai3.Runtime;

namespace Ai3.Onnx;

/// <summary>Operator domains and the versions that are known of them.</summary>
internal static class Opsets
{
    /// <summary>The newest version of ai.onnx.</summary>
    public const int Newest = 28;

    private static readonly Dictionary<string, int> NewestOf = new(StringComparer.Ordinal)
    {
        [""] = Newest,
        ["ai.onnx.ml"] = 5,
        ["ai.onnx.preview"] = 1,
        ["ai.onnx.training"] = 1,
        ["ai.onnx.preview.training"] = 1,
    };

    /// <summary>A domain as the rest of the program writes it: empty for ai.onnx.</summary>
    public static string Domain(string domain) => domain == "ai.onnx" ? "" : domain;

    /// <summary>The version of each domain; of several, the highest, as the specification says.</summary>
    public static Dictionary<string, int> Decode(IEnumerable<OperatorSetIdProto> imports, string what)
    {
        var versions = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (OperatorSetIdProto import in imports)
        {
            string domain = Domain(import.Domain);
            bool known = NewestOf.TryGetValue(domain, out int newest);
            if (import.Version < (known ? 1 : 0) || import.Version > (known ? newest : int.MaxValue))
                throw Unknown(domain, import.Version, known ? newest : int.MaxValue, what);
            versions[domain] = Math.Max(versions.GetValueOrDefault(domain), (int)import.Version);
        }
        return versions;
    }

    private static UnsupportedModelException Unknown(string domain, long version, int newest, string what) =>
        new([new UnsupportedFeature("", domain.Length == 0 ? "ai.onnx" : domain, (int)Math.Clamp(version, int.MinValue, int.MaxValue),
            $"{what} imports version {version} of the domain; known are 1 to {newest}")]);
}
