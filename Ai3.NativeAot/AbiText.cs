using System.Runtime.InteropServices;

namespace Ai3.NativeAot;

/// <summary>Reads texts that C gives.</summary>
internal static unsafe class AbiText
{
    public static string? Optional(byte* text) => Marshal.PtrToStringUTF8((nint)text);

    public static string Required(byte* text, string what) => Optional(text) ?? throw new AbiException(AbiStatus.Argument, $"{what} is NULL");

    public static string[] List(byte** texts, int count, string what)
    {
        CheckList(texts, count, what);
        var list = new string[count];
        for (int i = 0; i < count; i++)
            list[i] = Required(texts[i], $"{what}[{i}]");
        return list;
    }

    public static void CheckList(void* list, int count, string what)
    {
        if (count < 0 || (count > 0 && list == null))
            throw new AbiException(AbiStatus.Argument, $"{what} is {(list == null ? "NULL" : "set")} with a count of {count}");
    }
}
