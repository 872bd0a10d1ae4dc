using System.Globalization;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Reads what <see cref="Format.ToString"/> writes.</summary>
internal static class FormatText
{
    public static bool TryParse(string text, out Format format)
    {
        format = Format.Plain;
        if (text == "plain")
            return true;
        if (text == "nhwc")
        {
            format = Format.ChannelsLast;
            return true;
        }
        if (text.StartsWith("nchw", StringComparison.Ordinal) && text.EndsWith('c') && Number(text[4..^1], out int block))
        {
            format = Format.Blocked(block);
            return block > 0;
        }
        string[] parts = text.StartsWith("axis", StringComparison.Ordinal) ? text[4..].Split('x') : [];
        if (parts.Length != 2 || !Number(parts[0], out int axis) || !Number(parts[1], out block) || block == 0)
            return false;
        format = new Format(FormatKind.Blocked, block, axis);
        return true;
    }

    private static bool Number(string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
