using System.Runtime.InteropServices;
using System.Text;

namespace Ai3.NativeAot;

/// <summary>One line about the last failed call of each thread, as UTF-8 in native memory.</summary>
internal static unsafe class LastError
{
    [ThreadStatic]
    private static byte* t_text;

    public static byte* Text => t_text == null ? Set("") : t_text;

    public static byte* Set(string message)
    {
        string line = message.ReplaceLineEndings(" ");
        int length = Encoding.UTF8.GetByteCount(line);
        t_text = (byte*)NativeMemory.Realloc(t_text, (nuint)length + 1);
        Encoding.UTF8.GetBytes(line, new Span<byte>(t_text, length));
        t_text[length] = 0;
        return t_text;
    }
}
