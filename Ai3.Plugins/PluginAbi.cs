using System.Runtime.InteropServices;
using Ai3.Ops;

namespace Ai3.Plugins;

/// <summary>What every struct of ai3.h begins with, and its texts.</summary>
internal static unsafe class PluginAbi
{
    /// <summary>AI3_ABI_VERSION of ai3.h.</summary>
    public const int Version = 3;

    /// <summary>Nanoseconds of an operation where a table gives no cost: slow enough that nothing is chosen by chance.</summary>
    public const double SlowNanoseconds = 1;

    /// <summary>A struct with its header set.</summary>
    public static T New<T>() where T : unmanaged
    {
        T value = default;
        ((uint*)&value)[0] = (uint)sizeof(T);
        ((uint*)&value)[1] = Version;
        return value;
    }

    /// <summary>Checks a struct's header before anything else of it is touched.</summary>
    /// <exception cref="ArgumentException">The struct is NULL, or its size or version is not ours.</exception>
    public static void Check<T>(T* target, string name) where T : unmanaged
    {
        if (target == null)
            throw new ArgumentException($"{name} is NULL");
        (uint size, uint version) = (((uint*)target)[0], ((uint*)target)[1]);
        if (size != sizeof(T))
            throw new ArgumentException($"{name}.struct_size is {size}, must be {sizeof(T)}; begin with AI3_HEADER({name})");
        if (version != Version)
            throw new ArgumentException($"{name}.abi_version is {version}, the library's is {Version}; compile with its ai3.h");
    }

    /// <summary>Checks what the tables of all operators have in common.</summary>
    /// <returns>The algorithm's name.</returns>
    /// <exception cref="ArgumentException">The table lacks something or contradicts itself.</exception>
    public static string CheckTable(byte* text, bool hasFunctions, bool hasPackedBytes, bool hasPack, int errorKind, bool hasError)
    {
        string name = Text(text) ?? "";
        if (name.Length == 0 || name.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '_'))
            throw new ArgumentException($"'{name}' is no name of an algorithm; it is snake_case, such as my_conv");
        if (!hasFunctions)
            throw new ArgumentException($"{name} has no supports or no run function");
        if (hasPackedBytes != hasPack)
            throw new ArgumentException($"{name} has one of packed_bytes and pack; it needs both or neither");
        if (errorKind is not (0 or 1) || errorKind == 1 && !hasError)
            throw new ArgumentException($"{name} has error_kind {errorKind}; it is 0 for each element, or 1 for the tile with an error function");
        return name;
    }

    /// <summary>What a supports function said.</summary>
    public static Applicability VerdictOf(byte* reason) =>
        Text(reason) is { } text ? Applicability.No(text.Length == 0 ? "the plug-in says no" : text.ReplaceLineEndings(" ")) : Applicability.Yes;

    /// <summary>A text, or null.</summary>
    public static string? Text(byte* text) => Marshal.PtrToStringUTF8((nint)text);
}
