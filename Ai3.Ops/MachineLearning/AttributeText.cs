using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Attributes as one word of a problem key: <c>{name=f[0.5,1];other=s[LEAF]}</c>; a digest, which does not read back, for large models.</summary>
internal static class AttributeText
{
    private const int MaxLength = 20_000;

    public static string Write(Attributes attributes)
    {
        string text = $"{{{string.Join(';', attributes.Values.Select(p => $"{p.Key}={Value(p.Value)}"))}}}";
        return text.Length <= MaxLength ? text : $"{{#{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}}}";
    }

    /// <exception cref="FormatException">The text is none that <see cref="Write"/> wrote, or a digest.</exception>
    public static Attributes Read(string word)
    {
        if (!word.StartsWith('{') || !word.EndsWith('}') || word.StartsWith("{#", StringComparison.Ordinal))
            throw new FormatException("attributes are not written out");
        Attributes attributes = Attributes.Empty;
        foreach (string entry in word[1..^1].Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = entry.IndexOf('=');
            attributes = equals > 0 ? attributes.With(entry[..equals], Parse(entry[(equals + 1)..])) : throw new FormatException($"{entry} has no =");
        }
        return attributes;
    }

    private static string Value(object value) => value switch
    {
        long i => $"i{i.ToString(CultureInfo.InvariantCulture)}",
        float f => $"f{Number(f)}",
        string s => $"s{Uri.EscapeDataString(s)}",
        ImmutableArray<long> list => $"i[{string.Join(',', list)}]",
        ImmutableArray<float> list => $"f[{string.Join(',', list.Select(v => Number(v)))}]",
        ImmutableArray<string> list => $"s[{string.Join(',', list.Select(Uri.EscapeDataString))}]",
        Tensor { Type: DType.UInt8 } t => $"u8:[{string.Join(',', t.AsSpan<byte>().ToArray())}]",
        Tensor { Type: DType.Float32 } t => $"f32:[{string.Join(',', t.AsSpan<float>().ToArray().Select(v => Number(v)))}]",
        Tensor { Type: DType.Float64 } t => $"f64:[{string.Join(',', t.AsSpan<double>().ToArray().Select(v => v.ToString("R", CultureInfo.InvariantCulture)))}]",
        _ => $"?{Uri.EscapeDataString(value.ToString() ?? "")}",
    };

    private static object Parse(string text)
    {
        int colon = text.IndexOf(':');
        if (colon > 0)
            return ParseTensor(text[..colon], List(text[(colon + 1)..]));
        bool isList = text.Length > 2 && text[1] == '[';
        return text[0] switch
        {
            'i' => isList ? List(text[1..]).Select(Integer).ToImmutableArray() : Integer(text[1..]),
            'f' => isList ? List(text[1..]).Select(Float).ToImmutableArray() : Float(text[1..]),
            's' => isList ? List(text[1..]).Select(Uri.UnescapeDataString).ToImmutableArray() : Uri.UnescapeDataString(text[1..]),
            _ => throw new FormatException($"{text} is no attribute"),
        };
    }

    private static Tensor ParseTensor(string type, string[] elements) => type switch
    {
        "u8" => Tensor.Copy<byte>(Array.ConvertAll(elements, e => byte.Parse(e, CultureInfo.InvariantCulture)), [elements.Length]),
        "f32" => Tensor.Copy<float>(Array.ConvertAll(elements, Float), [elements.Length]),
        "f64" => Tensor.Copy<double>(Array.ConvertAll(elements, e => double.Parse(e, CultureInfo.InvariantCulture)), [elements.Length]),
        _ => throw new FormatException($"{type} is no tensor of a key"),
    };

    private static string[] List(string text)
    {
        if (text.Length < 2 || text[0] != '[' || text[^1] != ']')
            throw new FormatException($"{text} is no list");
        return text.Length == 2 ? [] : text[1..^1].Split(',');
    }

    private static string Number(float value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static long Integer(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static float Float(string text) => float.Parse(text, CultureInfo.InvariantCulture);
}
