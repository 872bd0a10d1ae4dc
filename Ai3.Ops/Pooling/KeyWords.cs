using System.Collections.Immutable;
using System.Globalization;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The words of a problem key, <c>name/type word word ...</c>. A word is letters followed by a value (<c>n1</c>, <c>k3x3</c>), letters,
/// an equals sign and a real number (<c>eps=1e-05</c>), or letters alone.
/// </summary>
internal sealed class KeyWords
{
    private readonly Dictionary<string, string> _words = new(StringComparer.Ordinal);

    private KeyWords(string name, DType type)
    {
        Name = name;
        Type = type;
    }

    public string Name { get; }

    public DType Type { get; }

    /// <summary>The words of a key, or null if the text is not one.</summary>
    public static KeyWords? Parse(string key)
    {
        string[] parts = key.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] head = parts.Length == 0 ? [] : parts[0].Split('/');
        if (head.Length != 2 || DTypes.Parse(head[1]) is var type && type == DType.Undefined)
            return null;
        var words = new KeyWords(head[0], type);
        foreach (string part in parts.Skip(1))
        {
            int equals = part.IndexOf('=');
            int split = equals >= 0 ? equals : part.TakeWhile(char.IsAsciiLetter).Count();
            if (split == 0 || !words._words.TryAdd(part[..split], part[(equals >= 0 ? equals + 1 : split)..]))
                return null;
        }
        return words;
    }

    public bool Has(string word) => _words.ContainsKey(word);

    /// <summary>A whole number, or null.</summary>
    public long? Int(string word) =>
        _words.TryGetValue(word, out string? text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : null;

    /// <summary>A real number, or null.</summary>
    public float? Float(string word) =>
        _words.TryGetValue(word, out string? text) && float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) ? value : null;

    /// <summary>Numbers with an <c>x</c> between them, each at least <paramref name="min"/>; null if absent or anything else.</summary>
    public ImmutableArray<long>? Ints(string word, long min)
    {
        if (!_words.TryGetValue(word, out string? text))
            return null;
        if (text.Length == 0)
            return ImmutableArray<long>.Empty;
        var values = ImmutableArray.CreateBuilder<long>();
        foreach (string part in text.Split('x'))
        {
            if (!long.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) || value < min)
                return null;
            values.Add(value);
        }
        return values.ToImmutable();
    }

    /// <summary>Real numbers with an <c>x</c> between them; null if absent or anything else.</summary>
    public ImmutableArray<double>? Reals(string word)
    {
        if (!_words.TryGetValue(word, out string? text))
            return null;
        var values = ImmutableArray.CreateBuilder<double>();
        foreach (string part in text.Split('x'))
        {
            if (!double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
                return null;
            values.Add(value);
        }
        return values.ToImmutable();
    }

    /// <summary>A floating-point type: the key's own if the word is absent, undefined if it is anything else.</summary>
    public DType FloatType(string word) =>
        !_words.TryGetValue(word, out string? text) ? Type : DTypes.Parse(text) is var type && type.IsFloat() ? type : DType.Undefined;

    /// <summary>Dimensions, or null if absent, malformed or too many to count.</summary>
    public Shape? Shape(string word)
    {
        if (Ints(word, 0) is not { } dims)
            return null;
        try { return Tensors.Shape.Create(dims.AsSpan()); }
        catch (ShapeException) { return null; }
    }

    /// <summary>Numbers with an <c>x</c> between them.</summary>
    public static string Join(IEnumerable<long> values) => string.Join('x', values);

    /// <summary>Real numbers with an <c>x</c> between them, which read back to the same bits.</summary>
    public static string Join(IEnumerable<double> values) => string.Join('x', values.Select(v => v.ToString("R", CultureInfo.InvariantCulture)));

    /// <summary>A real number that reads back to the same bits.</summary>
    public static string Real(float value) => value.ToString("R", CultureInfo.InvariantCulture);
}
