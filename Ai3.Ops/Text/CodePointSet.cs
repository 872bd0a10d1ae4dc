using System.Globalization;
using System.Text;

namespace Ai3.Ops;

/// <summary>A set of code points, written as a .NET pattern over UTF-16.</summary>
internal sealed class CodePointSet
{
    public const int Last = 0x10FFFF;
    private const int FirstPair = 0x10000;

    private readonly List<(int Low, int High)> _ranges = [];
    // Classes such as \p{L}, which .NET knows for the code points below 0x10000.
    private readonly StringBuilder _classes = new();

    public static CodePointSet Of(params ReadOnlySpan<(int Low, int High)> ranges)
    {
        var set = new CodePointSet();
        foreach ((int low, int high) in ranges)
            set.Add(low, high);
        return set;
    }

    public void Add(int low, int high) => _ranges.Add((low, high));

    public void Add(CodePointSet other)
    {
        _ranges.AddRange(other._ranges);
        _classes.Append(other._classes);
    }

    public void AddClass(string text) => _classes.Append(text);

    /// <summary>The code points that are in no range.</summary>
    public CodePointSet Complement()
    {
        var result = new CodePointSet();
        int next = 0;
        foreach ((int low, int high) in _ranges.Order())
        {
            if (low > next)
                result.Add(next, low - 1);
            next = Math.Max(next, high + 1);
        }
        if (next <= Last)
            result.Add(next, Last);
        return result;
    }

    /// <summary>A pattern that matches one code point of the set, or one outside it.</summary>
    public string ToPattern(bool negated)
    {
        if (_classes.Length == 0)
            return Written(negated ? Complement() : this, null);
        return Written(negated ? Complement() : this, negated ? $"[^{Units()}{_classes}\\uD800-\\uDFFF]" : null);
    }

    // The units of one code point below 0x10000 are a class, those above are pairs of surrogates.
    private static string Written(CodePointSet set, string? single)
    {
        var parts = new List<string>();
        string units = set.Units() + set._classes;
        if (single is not null || units.Length > 0)
            parts.Add(single ?? $"[{units}]");
        foreach ((int low, int high) in set._ranges)
            if (high >= FirstPair)
                AddPairs(parts, Math.Max(low, FirstPair), high);
        return parts.Count switch
        {
            0 => "[^\\s\\S]",
            1 => parts[0],
            _ => $"(?:{string.Join('|', parts)})",
        };
    }

    private string Units()
    {
        var text = new StringBuilder();
        foreach ((int low, int high) in _ranges)
        {
            // Surrogates are no code points of their own.
            Append(text, low, Math.Min(high, 0xD7FF));
            Append(text, Math.Max(low, 0xE000), Math.Min(high, 0xFFFF));
        }
        return text.ToString();
    }

    private static void AddPairs(List<string> parts, int low, int high)
    {
        while (low <= high)
        {
            // One leading surrogate, or several whose trailing ones are all there.
            int row = low | 0x3FF;
            bool whole = (low & 0x3FF) == 0 && high - low >= 0x3FF;
            int end = whole ? ((high + 1) & ~0x3FF) - 1 : Math.Min(high, row);
            var text = new StringBuilder("(?:[");
            Append(text, Lead(low), Lead(end));
            text.Append("][");
            Append(text, whole ? 0xDC00 : Trail(low), whole ? 0xDFFF : Trail(end));
            parts.Add(text.Append("])").ToString());
            low = end + 1;
        }
    }

    private static int Lead(int codePoint) => 0xD800 + ((codePoint - FirstPair) >> 10);

    private static int Trail(int codePoint) => 0xDC00 + (codePoint & 0x3FF);

    private static void Append(StringBuilder text, int low, int high)
    {
        if (low <= high)
            text.Append(CultureInfo.InvariantCulture, $"\\u{low:X4}-\\u{high:X4}");
    }
}
