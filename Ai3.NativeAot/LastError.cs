namespace Ai3.NativeAot;

/// <summary>One line about the last failed call of each thread, as UTF-8 in native memory that is given back when the thread ends.</summary>
internal static unsafe class LastError
{
    [ThreadStatic]
    private static NativeArena? t_arena;

    [ThreadStatic]
    private static byte* t_text;

    public static byte* Text => t_text == null ? Set("") : t_text;

    public static byte* Set(string message)
    {
        var arena = new NativeArena();
        byte* text = arena.Text(message.ReplaceLineEndings(" "));
        t_arena?.Dispose();
        t_arena = arena;
        return t_text = text;
    }
}
