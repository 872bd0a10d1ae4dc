using System.Globalization;
using System.Text;

namespace Ai3.Ops;

/// <summary>Writes a pattern of RE2's syntax in that of .NET, by recursive descent.</summary>
/// <remarks>
/// RE2 matches code points and its \d, \s, \w are ASCII; .NET matches UTF-16 units and means Unicode. Groups capture nothing here. The
/// size of the automaton is bounded, as repetitions multiply. \b is .NET's, which differs next to letters beyond ASCII.
/// </remarks>
internal sealed class Re2Pattern
{
    private const int MaxRepeat = 1000;
    private const int MaxDepth = 200;
    private const long MaxSize = 20_000;

    private readonly string _text;
    private readonly StringBuilder _output = new();
    private int _at;
    private bool _ignoreCase, _multiline, _dotAll;

    private Re2Pattern(string text) => _text = text;

    /// <exception cref="ArgumentException">The text is no pattern of RE2, or stands for too large an automaton.</exception>
    public static string Translate(string text)
    {
        var pattern = new Re2Pattern(text);
        pattern.Alternation(0);
        if (pattern._at < text.Length)
            throw new ArgumentException("a ) closes nothing");
        return pattern._output.ToString();
    }

    // Returns the number of single code points that the part matches, repetitions counted out.
    private long Alternation(int depth)
    {
        if (depth > MaxDepth)
            throw new ArgumentException($"groups are nested more than {MaxDepth} deep");
        (bool ignoreCase, bool multiline, bool dotAll) = (_ignoreCase, _multiline, _dotAll);
        long size = 0;
        while (_at < _text.Length && _text[_at] != ')')
        {
            if (Take('|'))
                _output.Append('|');
            else
                size += Repeated(depth);
            if (size > MaxSize)
                throw new ArgumentException($"it stands for more than {MaxSize} characters, repetitions counted out");
        }
        (_ignoreCase, _multiline, _dotAll) = (ignoreCase, multiline, dotAll);
        return size;
    }

    private long Repeated(int depth)
    {
        long size = Atom(depth), times = Quantifier();
        return times < 0 ? size : Math.Max(size, 1) * Math.Max(times, 1);
    }

    // Copies a quantifier; how often the atom may stand there in the automaton, or -1 if there is none.
    private long Quantifier()
    {
        if (_at == _text.Length)
            return -1;
        int end = _at + 1;
        long times = 1;
        if (_text[_at] == '{')
        {
            end = _text.IndexOf('}', _at) + 1;
            if (end == 0 || !TryRepeat(_text.AsSpan(_at + 1, end - _at - 2), out times))
                return -1;
        }
        else if (_text[_at] is not ('*' or '+' or '?'))
        {
            return -1;
        }
        _output.Append(_text, _at, end - _at);
        _at = end;
        // Whether a repetition is greedy does not change what matches as a whole.
        Take('?');
        if (_at < _text.Length && _text[_at] is '*' or '+' or '?')
            throw new ArgumentException($"a repetition is repeated at {_at}");
        return times;
    }

    private static bool TryRepeat(ReadOnlySpan<char> text, out long times)
    {
        int comma = text.IndexOf(',');
        ReadOnlySpan<char> first = comma < 0 ? text : text[..comma], second = comma < 0 ? text : text[(comma + 1)..];
        times = 0;
        if (!int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out int low))
            return false;
        int high = low;
        if (second.Length > 0 && !int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out high))
            return false;
        if (low > MaxRepeat || high > MaxRepeat || high < low)
            throw new ArgumentException($"a repetition of {low} to {high} times is not in order or over {MaxRepeat}");
        times = high;
        return true;
    }

    private long Atom(int depth)
    {
        char c = _text[_at];
        switch (c)
        {
            case '(':
                _at++;
                return Group(depth);
            case '[':
                _at++;
                _output.Append(ClassReader.Read(_text, ref _at));
                return 1;
            case '.':
                _at++;
                _output.Append(_dotAll ? CodePointSet.Of((0, CodePointSet.Last)).ToPattern(false) : CodePointSet.Of(('\n', '\n')).ToPattern(true));
                return 1;
            case '^':
                _at++;
                _output.Append(_multiline ? "(?m:^)" : "\\A");
                return 0;
            case '$':
                _at++;
                _output.Append(_multiline ? "(?m:$)" : "\\z");
                return 0;
            case '*' or '+' or '?':
                throw new ArgumentException($"the repetition at {_at} repeats nothing");
            case '\\':
                return Escape();
            default:
                Literal(ClassReader.CodePoint(_text, ref _at));
                return 1;
        }
    }

    private long Escape()
    {
        if (_text.AsSpan(_at).StartsWith("\\Q"))
        {
            int end = _text.IndexOf("\\E", _at + 2, StringComparison.Ordinal);
            int stop = end < 0 ? _text.Length : end;
            int begin = _at += 2;
            while (_at < stop)
                Literal(ClassReader.CodePoint(_text, ref _at));
            _at = end < 0 ? stop : stop + 2;
            return stop - begin;
        }
        if (_at + 1 < _text.Length && _text[_at + 1] is 'A' or 'z' or 'b' or 'B')
        {
            _output.Append(_text, _at, 2);
            _at += 2;
            return 0;
        }
        _output.Append(ClassReader.Escape(_text, ref _at, out bool negated).ToPattern(negated));
        return 1;
    }

    private long Group(int depth)
    {
        if (!Take('?'))
            return Body(depth, "(?:");
        if (Take('P') ? Take('<') : _at + 1 < _text.Length && _text[_at] == '<' && _text[_at + 1] is not ('=' or '!') && Take('<'))
        {
            int end = _text.IndexOf('>', _at);
            if (end <= _at || !_text.AsSpan(_at, end - _at).ToString().All(ch => ch == '_' || char.IsLetterOrDigit(ch)))
                throw new ArgumentException("a group's name is not one of letters, digits and _");
            _at = end + 1;
            return Body(depth, "(?:");
        }
        (bool ignoreCase, bool multiline, bool dotAll) = (_ignoreCase, _multiline, _dotAll);
        bool on = true;
        for (; _at < _text.Length; _at++)
        {
            switch (_text[_at])
            {
                case '-' when on: on = false; break;
                case 'i': _ignoreCase = on; break;
                case 'm': _multiline = on; break;
                case 's': _dotAll = on; break;
                case 'U': break;
                case ')':
                    _at++;
                    _output.Append(_ignoreCase ? "(?i)" : "(?-i)");
                    return 0;
                case ':':
                    _at++;
                    long size = Body(depth, _ignoreCase ? "(?i:" : "(?-i:");
                    (_ignoreCase, _multiline, _dotAll) = (ignoreCase, multiline, dotAll);
                    return size;
                default:
                    throw new ArgumentException($"(?{_text[_at]} is no group");
            }
        }
        throw new ArgumentException("a group is not closed");
    }

    private long Body(int depth, string open)
    {
        _output.Append(open);
        long size = Alternation(depth + 1);
        if (!Take(')'))
            throw new ArgumentException("a group is not closed");
        _output.Append(')');
        return size;
    }

    private void Literal(int codePoint) => _output.Append(CodePointSet.Of((codePoint, codePoint)).ToPattern(false));

    private bool Take(char c)
    {
        if (_at >= _text.Length || _text[_at] != c)
            return false;
        _at++;
        return true;
    }
}
