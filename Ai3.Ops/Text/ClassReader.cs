using System.Globalization;

namespace Ai3.Ops;

/// <summary>Reads character classes and escapes of RE2's syntax.</summary>
internal static class ClassReader
{
    private static readonly Dictionary<string, (int, int)[]> s_named = new()
    {
        ["alnum"] = [('0', '9'), ('A', 'Z'), ('a', 'z')],
        ["alpha"] = [('A', 'Z'), ('a', 'z')],
        ["ascii"] = [(0, 0x7F)],
        ["blank"] = [('\t', '\t'), (' ', ' ')],
        ["cntrl"] = [(0, 0x1F), (0x7F, 0x7F)],
        ["digit"] = [('0', '9')],
        ["graph"] = [('!', '~')],
        ["lower"] = [('a', 'z')],
        ["print"] = [(' ', '~')],
        ["punct"] = [('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        ["space"] = [('\t', '\r'), (' ', ' ')],
        ["upper"] = [('A', 'Z')],
        ["word"] = [('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
        ["xdigit"] = [('0', '9'), ('A', 'F'), ('a', 'f')],
    };

    /// <summary>A class whose [ is read; returns its .NET pattern.</summary>
    public static string Read(string text, ref int at)
    {
        bool negated = at < text.Length && text[at] == '^';
        if (negated)
            at++;
        var set = new CodePointSet();
        // A ] in the first place stands for itself.
        for (bool first = true; ; first = false)
        {
            if (at >= text.Length)
                throw new ArgumentException("a class is not closed");
            if (text[at] == ']' && !first)
                break;
            if (text.AsSpan(at).StartsWith("[:"))
                AddNamed(set, text, ref at);
            else
                AddItem(set, text, ref at);
        }
        at++;
        return set.ToPattern(negated);
    }

    /// <summary>An escape at \; the set it stands for, or the set that it excludes.</summary>
    public static CodePointSet Escape(string text, ref int at, out bool negated)
    {
        if (at + 1 >= text.Length)
            throw new ArgumentException("the pattern ends in \\");
        char c = text[at + 1];
        negated = c is 'D' or 'S' or 'W';
        switch (c)
        {
            case 'd' or 'D':
                at += 2;
                return CodePointSet.Of(s_named["digit"]);
            case 'w' or 'W':
                at += 2;
                return CodePointSet.Of(s_named["word"]);
            case 's' or 'S':
                at += 2;
                return CodePointSet.Of(('\t', '\n'), ('\f', '\r'), (' ', ' '));
            case 'p' or 'P':
                return Property(text, ref at);
            default:
                int point = EscapedPoint(text, ref at);
                return CodePointSet.Of((point, point));
        }
    }

    /// <summary>One code point of the text.</summary>
    public static int CodePoint(string text, ref int at)
    {
        int point = char.IsSurrogatePair(text, at) ? char.ConvertToUtf32(text, at) : text[at];
        at += point > 0xFFFF ? 2 : 1;
        return point;
    }

    private static void AddNamed(CodePointSet set, string text, ref int at)
    {
        int end = text.IndexOf(":]", at, StringComparison.Ordinal);
        string name = end < 0 ? "" : text[(at + 2)..end];
        bool negated = name.StartsWith('^');
        if (!s_named.TryGetValue(negated ? name[1..] : name, out (int, int)[]? ranges))
            throw new ArgumentException($"[:{name}:] is no class");
        CodePointSet named = CodePointSet.Of(ranges);
        set.Add(negated ? named.Complement() : named);
        at = end + 2;
    }

    private static void AddItem(CodePointSet set, string text, ref int at)
    {
        if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] is 'd' or 'D' or 's' or 'S' or 'w' or 'W' or 'p' or 'P')
        {
            CodePointSet named = Escape(text, ref at, out bool negated);
            set.Add(negated ? named.Complement() : named);
            return;
        }
        int low = Point(text, ref at), high = low;
        if (at + 1 < text.Length && text[at] == '-' && text[at + 1] != ']')
        {
            at++;
            high = Point(text, ref at);
        }
        if (high < low)
            throw new ArgumentException("a range in a class is not in order");
        set.Add(low, high);
    }

    private static int Point(string text, ref int at) => text[at] == '\\' ? EscapedPoint(text, ref at) : CodePoint(text, ref at);

    private static CodePointSet Property(string text, ref int at)
    {
        bool negated = text[at + 1] == 'P';
        at += 2;
        if (at >= text.Length)
            throw new ArgumentException("\\p has no name");
        string name = text[at].ToString();
        int next = at + 1;
        if (name == "{")
        {
            int end = text.IndexOf('}', at);
            name = end < 0 ? "" : text[(at + 1)..end];
            next = end + 1;
        }
        if (name.StartsWith('^'))
            (negated, name) = (!negated, name[1..]);
        if (name.Length is 0 or > 2 || !name.All(char.IsAsciiLetter))
            throw new ArgumentException($"\\p{{{name}}} is not supported, which must be a general category such as L or Lu");
        at = next;
        var set = new CodePointSet();
        set.AddClass($"\\{(negated ? 'P' : 'p')}{{{name}}}");
        return set;
    }

    private static int EscapedPoint(string text, ref int at)
    {
        if (at + 1 >= text.Length)
            throw new ArgumentException("the pattern ends in \\");
        char c = text[at + 1];
        at += 2;
        switch (c)
        {
            case 'a': return '\a';
            case 'f': return '\f';
            case 't': return '\t';
            case 'n': return '\n';
            case 'r': return '\r';
            case 'v': return '\v';
            case 'x': return Hexadecimal(text, ref at);
            case >= '0' and <= '7':
                return Octal(text, ref at, c - '0');
            default:
                if (char.IsAsciiLetterOrDigit(c) || c > 0x7F)
                    throw new ArgumentException($"\\{c} is no escape");
                return c;
        }
    }

    // \0 and up to three digits; a digit from 1 on alone would be a reference to a group, which RE2 has not.
    private static int Octal(string text, ref int at, int value)
    {
        if (value != 0 && (at >= text.Length || text[at] is < '0' or > '7'))
            throw new ArgumentException($"\\{value} refers to a group, which is not supported");
        for (int digits = 1; digits < 3 && at < text.Length && text[at] is >= '0' and <= '7'; digits++, at++)
            value = value * 8 + (text[at] - '0');
        return value;
    }

    private static int Hexadecimal(string text, ref int at)
    {
        int begin = at, end = at + 2;
        if (at < text.Length && text[at] == '{')
        {
            begin = at + 1;
            end = text.IndexOf('}', at);
        }
        if (end < begin || end > text.Length || end - begin > 8
            || !int.TryParse(text.AsSpan(begin, end - begin), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value) || value is < 0 or > CodePointSet.Last)
            throw new ArgumentException("\\x is not followed by the number of a code point");
        at = begin > at ? end + 1 : end;
        return value;
    }
}
