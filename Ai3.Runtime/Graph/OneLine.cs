using System.Text;

namespace Ai3.Runtime;

/// <summary>Keeps messages on one line, whatever names a model gives its parts.</summary>
internal static class OneLine
{
    /// <summary>The text with control characters written as \uXXXX.</summary>
    public static string Of(string text)
    {
        if (!text.Any(IsSpecial))
            return text;
        var line = new StringBuilder(text.Length + 16);
        foreach (char c in text)
            if (IsSpecial(c))
                line.Append($"\\u{(int)c:X4}");
            else
                line.Append(c);
        return line.ToString();
    }

    // Line and paragraph separators end a line too.
    private static bool IsSpecial(char c) => char.IsControl(c) || c is '\u2028' or '\u2029';
}
