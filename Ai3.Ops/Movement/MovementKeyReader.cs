using System.Collections.Immutable;
using System.Globalization;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Reads what <see cref="MovementKey"/> writes. Every failure is a <see cref="FormatException"/> or a <see cref="ShapeException"/>.</summary>
internal sealed class MovementKeyReader
{
    private readonly string[] _words;

    private MovementKeyReader(string name, ImmutableArray<TensorType> inputs, ImmutableArray<TensorType> outputs, string[] words)
    {
        Name = name;
        Inputs = inputs;
        Outputs = outputs;
        _words = words;
    }

    /// <summary>The operator's word.</summary>
    public string Name { get; }

    public ImmutableArray<TensorType> Inputs { get; }

    public ImmutableArray<TensorType> Outputs { get; }

    /// <summary>The problem that <paramref name="create"/> makes of a key of this name; null if the text is no such key.</summary>
    public static TProblem? Read<TProblem>(string key, string name, Func<MovementKeyReader, TProblem> create) where TProblem : Problem
    {
        if (!key.StartsWith(name + "/", StringComparison.Ordinal))
            return null;
        try
        {
            return create(Split(name, key[(name.Length + 1)..]));
        }
        catch (Exception e) when (e is FormatException or OverflowException or InvalidOperationException or ShapeException or OpException or OpUnsupportedException)
        {
            return null;
        }
    }

    public TensorType Input(int index) => index < Inputs.Length ? Inputs[index] : throw new FormatException($"input {index} is missing");

    public TensorType Output(int index) => index < Outputs.Length ? Outputs[index] : throw new FormatException($"output {index} is missing");

    /// <summary>The number after a word.</summary>
    public long Int(string word) => ParseInt(Find(word) ?? throw new FormatException($"{word} is missing"));

    /// <summary>The number after a word that may be left out.</summary>
    public long Int(string word, long fallback) => Find(word) is { } text ? ParseInt(text) : fallback;

    /// <summary>The number after <c>axis</c>.</summary>
    public int Axis => Int("axis") is >= 0 and <= int.MaxValue and var axis ? (int)axis : throw new FormatException("an axis in a key is 0 or more");

    /// <summary>The list after a word.</summary>
    public ImmutableArray<long> Ints(string word) => ParseInts(Find(word) ?? throw new FormatException($"{word} is missing"));

    /// <summary>The last word.</summary>
    public string Last => _words.Length > 0 ? _words[^1] : throw new FormatException("the key ends after the operands");

    /// <summary>True if the word stands by itself in the key.</summary>
    public bool Has(string word) => Array.IndexOf(_words, word) >= 0;

    private static MovementKeyReader Split(string name, string text)
    {
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int arrow = Array.IndexOf(words, "->");
        if (arrow < 0)
            throw new FormatException("no -> in the key");
        int end = arrow + 1;
        while (end < words.Length && IsOperand(words[end]))
            end++;
        return new MovementKeyReader(name, [.. words[..arrow].Select(ParseOperand)], [.. words[(arrow + 1)..end].Select(ParseOperand)], words[end..]);
    }

    private static bool IsOperand(string word) =>
        word == "-" || (word.IndexOf('[') is > 0 and var open && DTypes.Parse(word[..open]) != DType.Undefined);

    private static TensorType ParseOperand(string word)
    {
        if (word == "-")
            return TensorType.Absent;
        if (!IsOperand(word))
            throw new FormatException($"{word} is no operand");
        int open = word.IndexOf('[');
        DType type = DTypes.Parse(word[..open]);
        Shape shape = Shape.Create(ParseInts(word[open..]).AsSpan());
        type.ByteCount(shape.Count);
        return new TensorType(type, shape);
    }

    private string? Find(string word)
    {
        foreach (string candidate in _words)
            if (candidate.StartsWith(word, StringComparison.Ordinal) && candidate.Length > word.Length && !char.IsAsciiLetter(candidate[word.Length]))
                return candidate[word.Length..];
        return null;
    }

    private static ImmutableArray<long> ParseInts(string text)
    {
        if (text.Length < 2 || text[0] != '[' || text[^1] != ']')
            throw new FormatException($"{text} is no list");
        return text.Length == 2 ? [] : [.. text[1..^1].Split(',').Select(ParseInt)];
    }

    private static long ParseInt(string text) => long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}
